"""Rows as the first version of this code wrote them: a new version works on what is there, without a migration.

They are spelt out here, so that no change of the code changes them too.
"""

from __future__ import annotations

import pytest

from rekey import clock, ids
from rekey.accounts import addresses
from rekey.aws import store
from rekey.aws.store import Row
from rekey.credentials import passwords
from rekey.sessions import tokens
from rekey.sessions.tokens import Token
from tests.stack import EMAIL, PASSWORD, Account, Stack, text_of

ADMIN = "arn:aws:iam::123456789012:user/ops"


@pytest.fixture
def older(stack: Stack) -> Account:
    """An account with a session and an event; no locale, delivery, disabling or second factor was known of."""
    account_id, session_id, event_id = (ids.new_id() for _ in range(3))
    refresh = tokens.issue_token("rkr", account_id, session_id)
    access = tokens.issue_token("rka", account_id, session_id)
    owner = f"account#{account_id}"
    accounts: list[Row] = [
        {
            "pk": owner,
            "sk": "account",
            "account_id": account_id,
            "email": EMAIL,
            "password_hash": passwords.hash_password(PASSWORD),
            "token_epoch": 1,
            "created_at": clock.now(),
        },
        {
            "pk": f"address#{addresses.email_digest(EMAIL)}",
            "sk": "address",
            "account_id": account_id,
            "kept_until": 253402300799,
        },
    ]
    event = {
        "pk": owner,
        "sk": f"event#{event_id}",
        "event_id": event_id,
        "type": "password.changed",
        "at": clock.now(),
        "expires_at": clock.now() + 86400,
        "email": EMAIL,
        "client": "curl/8",
        "client_address": "192.0.2.0/24",
    }
    session = _session(owner, session_id, refresh, access)
    tables = stack.template.physical
    store.transact(
        *(store.putting(tables.get("AccountsTable", "AccountsTable"), row) for row in accounts),
        store.putting(tables.get("EventsTable", "EventsTable"), event),
        store.putting(tables.get("TokensTable", "TokensTable"), session),
    )
    return Account(EMAIL, PASSWORD, account_id, str(access), str(refresh), "")


def _session(owner: str, session_id: str, refresh: Token, access: Token) -> Row:
    return {
        "pk": owner,
        "sk": f"session#{session_id}",
        "session_id": session_id,
        "epoch": 1,
        "created_at": clock.now(),
        "authenticated_at": clock.now(),
        "refreshed_at": clock.now(),
        "expires_at": clock.now() + 3600,
        "method": "pwd",
        "client": "curl/8",
        "refresh_digest": refresh.digest(),
        "refresh_salt": b"s" * 32,
        "generation": 0,
        "access_digest": access.digest(),
        "access_expires_at": clock.now() + 900,
    }


def test_signs_in(stack: Stack, older: Account) -> None:
    """The password opens a new session beside the older one."""
    assert stack.is_signed_in(stack.sign_in_again(older).access_token)
    assert stack.is_signed_in(older.access_token)


def test_refreshes(stack: Stack, older: Account) -> None:
    """The older session goes on, and its spent refresh token still ends it."""
    answer = stack.refresh(older.refresh_token)
    assert answer.status == 200, answer.text
    again = stack.refresh(answer.json["refresh_token"]).json

    assert stack.is_signed_in(again["access_token"])
    assert stack.refresh(older.refresh_token).status == 400
    assert not stack.is_signed_in(again["access_token"])


def test_changes_and_resets(stack: Stack, older: Account) -> None:
    """A change, then a reset by mail."""
    body = {"current_password": PASSWORD, "new_password": "Another-Horse-7"}
    assert stack.call("POST /change", body, token=older.access_token).status == 204
    stack.call("POST /forgot", {"email": EMAIL})
    assert stack.call("POST /reset", {"token": stack.mailed_token(), "new_password": "Third-Horse-5"}).status == 204


def test_older_link(stack: Stack, older: Account) -> None:
    """A link that was mailed before works, and holds no newer one back."""
    links = [tokens.issue_token("rkp", older.account_id, ids.new_id()) for _ in range(2)]
    key = {"pk": f"account#{older.account_id}", "sk": "reset"}
    for link in links:
        store.put("TokensTable", {**key, "digest": link.digest(), "expires_at": clock.now() + 3600})

    body = {"new_password": "Third-Horse-5"}
    assert stack.call("POST /reset", {"token": str(links[0]), **body}).code == "token_invalid"
    assert stack.call("POST /reset", {"token": str(links[1]), **body}).status == 204
    store.put("TokensTable", {**key, "digest": links[0].digest(), "expires_at": clock.now() + 3600})
    stack.call("POST /forgot", {"email": EMAIL})
    assert stack.call("POST /reset", {"token": stack.mailed_token(), **body, "new_password": PASSWORD}).status == 204


def test_is_shown(stack: Stack, older: Account) -> None:
    """To its owner and to an admin, with its history; what was not kept then is not made up."""
    own = stack.call("GET /account", token=older.access_token).json
    found = stack.call("POST /admin/find", {"email": EMAIL}, caller=ADMIN).json

    assert [event["type"] for event in own["events"]] == ["password.changed"]
    assert (found["state"], found["delivery"], found["disabled_at"]) == ("active", None, None)
    assert len(found["sessions"]) == 1


def test_is_told_by_mail(stack: Stack, older: Account) -> None:
    """The older event is mailed, in the language there always was."""
    assert stack.deliver() == {"batchItemFailures": []}

    (mail,) = stack.inbox
    assert (mail["To"], mail["Subject"]) == (older.email, "Your password was changed")
    assert "changed" in text_of(mail)


@pytest.mark.parametrize("act", ["disable", "force-sign-in", "unlock"])
def test_an_admin_can_act_on_it(stack: Stack, older: Account, act: str) -> None:
    """What came later works on it too; what ends sessions ends the older one."""
    body = {"account_id": older.account_id, "reason": "Ticket", **({"confirm": True} if act == "force-sign-in" else {})}
    assert stack.call(f"POST /admin/{act}", body, caller=ADMIN).status == 204

    assert stack.is_signed_in(older.access_token) is (act == "unlock")
