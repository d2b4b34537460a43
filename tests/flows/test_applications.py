"""Applications are withdrawn; and what holds when sessions, accounts and connections change between another request's
read and its write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.actors import ADMIN, administer
from tests.applications import authorize, codes_of, connected, events_of, own, sent_back, spa
from tests.calls import meanwhile, watching
from tests.scenarios.authorize import SCOPES, VERIFIER
from tests.stack import Account, Answer, Stack

ALLOWED = {"consent": SCOPES}
End = Callable[[Stack, Account], Answer]


@pytest.fixture
def client(stack: Stack) -> dict[str, Any]:
    return spa(stack)


def withdraw(stack: Stack, account: Account, client: dict[str, Any]) -> Answer:
    return stack.call("POST /applications/withdraw", {"client_id": client["client_id"]}, token=account.access_token)


def sign_out(stack: Stack, account: Account) -> Answer:
    return stack.call("POST /oauth/revoke", form={"token": account.refresh_token})


def sign_out_everywhere(stack: Stack, account: Account) -> Answer:
    return administer(stack, "force-sign-in", {"account_id": account.account_id})


def disable(stack: Stack, account: Account) -> Answer:
    return administer(stack, "disable", {"account_id": account.account_id})


def delete(stack: Stack, account: Account) -> Answer:
    return administer(stack, "delete", {"account_id": account.account_id})


def test_withdraw(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """It is listed no longer, asks for consent again, and gets another connection: no session of before is revived."""
    other = own(stack)
    authorize(stack, account, client, page=ALLOWED)
    authorize(stack, account, other)

    assert withdraw(stack, account, client).status == 204

    assert connected(stack, account) == [other["client_id"]]
    assert authorize(stack, account, client).code == "consent_required"
    authorize(stack, account, client, page=ALLOWED)
    of_client = [row for row in codes_of(stack) if row["client_id"] == client["client_id"]]
    assert len({row["connection"] for row in of_client}) == 2
    (event,) = events_of(stack, "application.withdrawn")
    assert (event["client_id"], event["application"]) == (client["client_id"], "Shop")


def test_what_is_not_connected_is_not_withdrawn(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """Neither one that never was, nor one that is withdrawn already; and nothing is recorded."""
    assert withdraw(stack, account, client).code == "application_not_found"
    authorize(stack, account, client, page=ALLOWED)
    assert [withdraw(stack, account, client).status for _ in range(2)] == [204, 404]
    assert len(events_of(stack, "application.withdrawn")) == 1


def test_one_that_is_registered_no_longer_can_be_withdrawn(
    stack: Stack, account: Account, client: dict[str, Any]
) -> None:
    """The person's list is their own: what an operator removed can be taken off it."""
    authorize(stack, account, client, page=ALLOWED)
    removed = {"client_id": client["client_id"], "reason": "Ticket 4711", "confirm": True}
    stack.call("POST /admin/clients/remove", removed, caller=ADMIN)

    assert withdraw(stack, account, client).status == 204
    assert connected(stack, account) == []


@pytest.mark.parametrize("end", [sign_out, sign_out_everywhere, disable, delete])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_session_that_ends_meanwhile_gives_no_code(
    stack: Stack, account: Account, client: dict[str, Any], end: End, *, is_known: bool
) -> None:
    """Whoever holds a stolen session that ends at that moment would be let in to an application, and stay there."""
    if is_known:
        authorize(stack, account, client, page=ALLOWED)
    before = len(codes_of(stack))

    with meanwhile("TransactWriteItems", lambda: end(stack, account)):
        answer = authorize(stack, account, client, page=ALLOWED)

    assert answer.code == "access_token_invalid"
    assert len(codes_of(stack)) <= before
    assert len(events_of(stack, "application.connected")) == (is_known and end is not delete)


def test_one_that_is_withdrawn_meanwhile_gets_no_code(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """The person's word at that moment holds: the application asks for consent again."""
    authorize(stack, account, client, page=ALLOWED)

    with meanwhile("TransactWriteItems", lambda: withdraw(stack, account, client)):
        assert authorize(stack, account, client).code == "consent_required"

    assert len(codes_of(stack)) == 1
    assert connected(stack, account) == []


def redeem(stack: Stack, client: dict[str, Any], code: str) -> Answer:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client["redirect_uris"][0]}
    return stack.call("POST /oauth/token", form={**form, "client_id": client["client_id"], "code_verifier": VERIFIER})


def test_one_that_is_removed_meanwhile_gets_no_tokens(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """Its code is good for nothing: the token endpoint asks whether it is registered."""
    removed = {"client_id": client["client_id"], "reason": "Ticket 4711", "confirm": True}

    with meanwhile("TransactWriteItems", lambda: stack.call("POST /admin/clients/remove", removed, caller=ADMIN)):
        told = sent_back(authorize(stack, account, client, page=ALLOWED), client)

    assert redeem(stack, client, told["code"]).code == "invalid_client"


def test_withdrawn_it_has_nothing(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """From code to tokens; to withdraw it ends them at once, and a code that is under way, too."""
    codes = [sent_back(authorize(stack, account, client, page=ALLOWED), client)["code"] for _ in range(2)]
    tokens = redeem(stack, client, codes[0]).json
    assert stack.call("GET /oauth/userinfo", token=tokens["access_token"]).json["email"] == account.email

    withdraw(stack, account, client)

    assert stack.call("GET /oauth/userinfo", token=tokens["access_token"]).status == 401
    assert redeem(stack, client, codes[1]).code == "invalid_grant"


def test_two_applications_at_once(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """Neither connection is lost: the one that comes second is judged again."""
    other = spa(stack)

    with meanwhile("TransactWriteItems", lambda: authorize(stack, account, other, page=ALLOWED)):
        told = sent_back(authorize(stack, account, client, page=ALLOWED), client)

    assert "code" in told
    assert connected(stack, account) == sorted([client["client_id"], other["client_id"]])
    assert len(codes_of(stack)) == len(events_of(stack, "application.connected")) == 2


def test_one_application_twice_at_once(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """From two tabs: two codes of one connection, which the owner hears of once."""
    with meanwhile("TransactWriteItems", lambda: authorize(stack, account, client, page=ALLOWED)):
        sent_back(authorize(stack, account, client, page=ALLOWED), client)

    assert len(codes_of(stack)) == 2
    assert len({row["connection"] for row in codes_of(stack)}) == 1
    assert len(events_of(stack, "application.connected")) == 1


def test_changes_without_end(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """It is judged again once, and then says that it was in vain: no request goes on for ever."""
    begun: list[str] = []

    def connect_another(_operation: str, params: dict[str, Any]) -> None:
        if len(begun) < 2 and "code#" in str(params) and client["client_id"] in str(params):
            begun.append("one more")
            authorize(stack, account, spa(stack), page=ALLOWED)

    with watching("TransactWriteItems", connect_another):
        assert authorize(stack, account, client, page=ALLOWED).code == "conflict"

    assert len(begun) == 2
    assert client["client_id"] not in connected(stack, account)


def test_withdrawn_twice_at_once(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """It is withdrawn, and recorded, once."""
    authorize(stack, account, client, page=ALLOWED)

    with meanwhile("TransactWriteItems", lambda: withdraw(stack, account, client)):
        assert withdraw(stack, account, client).code == "conflict"

    assert len(events_of(stack, "application.withdrawn")) == 1


def test_a_session_that_ends_meanwhile_withdraws_nothing(
    stack: Stack, account: Account, client: dict[str, Any]
) -> None:
    """A stolen session that its owner ends at that moment would still take an application from them."""
    authorize(stack, account, client, page=ALLOWED)

    with meanwhile("TransactWriteItems", lambda: sign_out(stack, account)):
        assert withdraw(stack, account, client).code == "conflict"

    assert connected(stack, account) == [client["client_id"]]


def test_what_was_connected_meanwhile_stays(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """To withdraw one takes no other along."""
    other = spa(stack)
    authorize(stack, account, client, page=ALLOWED)

    with meanwhile("TransactWriteItems", lambda: authorize(stack, account, other, page=ALLOWED)):
        assert withdraw(stack, account, client).code == "conflict"

    assert withdraw(stack, account, client).status == 204
    assert connected(stack, account) == [other["client_id"]]
