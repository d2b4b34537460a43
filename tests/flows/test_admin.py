"""What an admin does to an account, and what becomes of it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rekey import observability
from rekey.accounts.events import ADDRESS_EVENT_LIFE
from rekey.aws import sdk
from tests.actors import ADMIN, administer, stop_mails
from tests.calls import meanwhile
from tests.flows.refusals_of_admins import PREPARED
from tests.stack import (
    EMAIL,
    GAP,
    PASSWORD,
    SECOND_PASSWORD,
    WRONG_PASSWORD,
    Account,
    Answer,
    Clock,
    Stack,
    next_code,
    text_of,
    wrong_code,
)

WHOM = {"email": EMAIL}


def find(stack: Stack, **whom: str) -> Any:
    return administer(stack, "find", whom or WHOM).json


def act(stack: Stack, name: str, **body: Any) -> None:
    answer = administer(stack, name, {**WHOM, **body})
    assert answer.status in {202, 204}, answer.text


def delete(stack: Stack, account: Account) -> Answer:
    return administer(stack, "delete", {"account_id": account.account_id})


def rows_of(stack: Stack, account: Account) -> list[dict[str, Any]]:
    """What is left in both tables of an account's own partition."""
    rows = [row for table in ("AccountsTable", "EventsTable", "TokensTable") for row in stack.rows(table)]
    return [row for row in rows if row["pk"]["S"] == f"account#{account.account_id}"]


@pytest.mark.parametrize("whom", [{}, {"email": EMAIL, "account_id": "0" * 28}, {"account_id": "x"}, {"email": "x"}])
def test_one_account_is_named(stack: Stack, whom: dict[str, str]) -> None:
    """By its address or its id, not by both or neither."""
    assert administer(stack, "find", whom).status == 422


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "two\nlines", "\x1b[31mred", None])
def test_a_change_needs_a_reason_that_can_be_read(stack: Stack, account: Account, reason: str | None) -> None:
    """No reason, a blank, long or unprintable one: nothing is done."""
    answer = administer(stack, "disable", {**WHOM, "reason": reason})

    assert (answer.status, answer.code, answer.json["errors"][0]["field"]) == (422, "validation_failed", "reason")
    assert stack.is_signed_in(account.access_token)


@pytest.mark.parametrize("name", ["force-sign-in", "delete"])
def test_what_cannot_be_undone_is_confirmed(stack: Stack, account: Account, name: str) -> None:
    """Without `confirm: true` nothing is done."""
    for body in ({}, {"confirm": False}):
        whom = {"account_id": account.account_id, "reason": "Ticket 4711"}
        answer = stack.call(f"POST /admin/{name}", {**whom, **body}, caller=ADMIN)
        assert (answer.status, answer.json["errors"]) == (422, [{"field": "confirm", "code": "missing"}])
    assert stack.is_signed_in(account.access_token)


def test_find_shows_no_secret(stack: Stack, protected: Account) -> None:
    """No hash, digest, salt or code of any row of the account is in the answer."""
    told = json.dumps(find(stack))

    kept = [value for row in rows_of(stack, protected) for value in row.values()]
    secret = [value["B"] for value in kept if "B" in value] + [each for value in kept for each in value.get("BS", [])]
    assert len(secret) > 12
    assert not [each for each in secret if each.hex() in told or each.decode("latin-1") in told]
    assert "$argon2" not in told
    assert "hash" not in told
    assert "digest" not in told


def test_find_shows_locks(stack: Stack, protected: Account) -> None:
    """A lock is shown with what it holds and until when; unlocking ends it at once, for password and code."""
    challenge = {"challenge_token": stack.challenge(protected)}
    for _ in range(5):
        stack.call("POST /sign-in/totp", {**challenge, "code": wrong_code(protected)})
        stack.call("POST /sign-in", {"email": EMAIL, "password": WRONG_PASSWORD})
    assert stack.sign_in(protected).status == 429
    found = find(stack)
    assert found["state"] == "locked"
    assert found["locks"] == [{"what": what, "until": "2027-01-15T08:15:00Z"} for what in ("sign_in", "code")]

    act(stack, "unlock")

    assert (find(stack)["state"], find(stack)["locks"]) == ("active", [])
    body = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    assert stack.call("POST /sign-in/totp", body).status == 200


def test_force_sign_in_ends_every_token(stack: Stack, account: Account) -> None:
    """Access and refresh tokens and a challenge end; done again, on an account without any, it is no error."""
    act(stack, "force-sign-in")

    assert not stack.is_signed_in(account.access_token)
    assert stack.refresh(account.refresh_token).code == "invalid_grant"
    act(stack, "force-sign-in")
    assert stack.sign_in(account).status == 200


def test_clear_totp_leaves_the_password(stack: Stack, protected: Account) -> None:
    """Secret, step and codes are gone, sessions end, and the password alone signs in."""
    challenge = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}

    act(stack, "clear-totp")

    (row,) = [row for row in rows_of(stack, protected) if row["sk"]["S"] == "account"]
    assert not {"totp_secret", "totp_last_step", "totp_enabled_at", "recovery_codes"} & set(row)
    assert not stack.is_signed_in(protected.access_token)
    assert stack.call("POST /sign-in/totp", challenge).code == "challenge_invalid"
    assert "access_token" in stack.sign_in(protected).json


def test_reset_by_an_admin_works_during_a_lock(stack: Stack, account: Account) -> None:
    """The link comes, says who asked, and sets a new password, though sign-in is locked."""
    for _ in range(5):
        stack.call("POST /sign-in", {"email": EMAIL, "password": WRONG_PASSWORD})
    act(stack, "reset-password")

    token = stack.mailed_token()

    assert "Rekey support" in text_of(stack.inbox[-1])
    assert stack.call("POST /reset", {"token": token, "new_password": SECOND_PASSWORD}).status == 204
    account.password = SECOND_PASSWORD
    assert stack.sign_in(account, device_token=token).status == 200


@pytest.mark.usefixtures("account")
def test_reset_mail_is_not_dropped_without_a_word(stack: Stack) -> None:
    """Where mails are stopped a reset is refused and leaves nothing; after `mail-again` its link comes, and works."""
    stop_mails(stack, EMAIL)
    refused = administer(stack, "reset-password", WHOM)
    assert (refused.status, refused.code) == (409, "mail_stopped")
    assert "/admin/mail-again" in refused.json["title"]
    assert "password.reset_requested" not in [event["type"] for event in find(stack)["events"]]

    act(stack, "mail-again")
    assert find(stack)["delivery"]["state"] == "restored"
    act(stack, "reset-password")

    body = {"token": stack.mailed_token(), "new_password": SECOND_PASSWORD}
    assert stack.call("POST /reset", body).status == 204


def test_mail_again_holds_until_the_next_bounce(stack: Stack, frozen: Clock, account: Account) -> None:
    """News of a mail of before changes nothing; a later bounce stops mails again; the owner sees by whom, not why."""
    frozen.advance(60)
    stop_mails(stack, EMAIL)
    bounced_at = frozen.now
    frozen.advance(60)
    act(stack, "mail-again")
    shown = stack.call("GET /account", token=account.access_token)
    assert (shown.json["delivery"]["state"], shown.json["events"][0]["type"]) == ("restored", "delivery.restored")
    assert shown.json["events"][0]["by"] == "administrator"
    assert "4711" not in shown.text

    restored_at, frozen.now = frozen.now, bounced_at
    assert stop_mails(stack, EMAIL) == ["ignored"]
    assert find(stack)["delivery"]["state"] == "restored"
    frozen.now = restored_at + 1
    assert stop_mails(stack, EMAIL) == ["bounced"]
    assert administer(stack, "reset-password", WHOM).code == "mail_stopped"


@pytest.mark.usefixtures("account")
def test_mail_again_twice_at_once(stack: Stack) -> None:
    """Of two that race one is done, and leaves the one event."""
    stop_mails(stack, EMAIL)
    with meanwhile("TransactWriteItems", lambda: act(stack, "mail-again")):
        assert administer(stack, "mail-again", WHOM).code == "conflict"

    assert [event["type"] for event in find(stack)["events"]].count("delivery.restored") == 1


def test_disabled_is_told_only_to_whom_knows_the_password(stack: Stack, account: Account) -> None:
    """A wrong password is answered as an unknown address is, header by header; the right one hears why."""
    act(stack, "disable")

    wrong = stack.call("POST /sign-in", {"email": EMAIL, "password": WRONG_PASSWORD})
    unknown = stack.call("POST /sign-in", {"email": "nobody@example.com", "password": WRONG_PASSWORD})

    assert (wrong.status, wrong.headers, wrong.text) == (unknown.status, unknown.headers, unknown.text)
    assert stack.sign_in(account).code == "account_disabled"
    assert find(stack)["state"] == "disabled"


def test_disabling_ends_all_that_is_under_way(stack: Stack, protected: Account) -> None:
    """Sessions, a challenge and a mailed link die with it, and stay dead when it is enabled again."""
    stack.call("POST /forgot", WHOM)
    link = {"token": stack.mailed_token(), "new_password": SECOND_PASSWORD}
    challenge = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}

    for name in ("disable", "enable"):
        act(stack, name)
        assert not stack.is_signed_in(protected.access_token)
        assert stack.refresh(protected.refresh_token).code == "invalid_grant"
        assert stack.call("POST /sign-in/totp", challenge).code == "challenge_invalid"
        assert stack.call("POST /reset", link).code == "token_invalid"
    assert "challenge_token" in stack.sign_in(protected).json


def test_disabled_gets_no_reset_mail(stack: Stack, frozen: Clock, account: Account) -> None:
    """Whoever asks is answered as ever, and nothing is sent; enabled, it gets them again."""
    act(stack, "disable")
    stack.deliver()
    before = len(stack.inbox)

    assert stack.call("POST /forgot", WHOM).status == 202
    stack.deliver()

    assert len(stack.inbox) == before
    assert not [row for row in rows_of(stack, account) if row["sk"]["S"] == "reset"]
    act(stack, "enable")
    frozen.advance(GAP)
    stack.call("POST /forgot", WHOM)
    assert stack.call("POST /reset", {"token": stack.mailed_token(), "new_password": SECOND_PASSWORD}).status == 204


def test_owner_is_told_but_not_by_whom(stack: Stack, protected: Account) -> None:
    """Each change that concerns the owner is mailed; neither mail nor GET /account names the admin or the reason."""
    stack.deliver()
    before = len(stack.inbox)
    for name in ("force-sign-in", "clear-totp", "disable", "enable"):
        act(stack, name)
    stack.deliver()
    assert len(stack.inbox) - before == 4
    assert not [mail for mail in stack.inbox if "arn:" in text_of(mail) or "4711" in text_of(mail)]

    answer = stack.call("GET /account", token=stack.sign_in_again(protected).access_token)

    assert "arn:" not in answer.text
    assert "4711" not in answer.text
    disabled = next(event for event in answer.json["events"] if event["type"] == "account.disabled")
    assert (disabled["by"], disabled["client"], disabled["client_address"]) == ("administrator", "", "")


def test_deleted_is_gone_at_once_and_its_address_free(stack: Stack, frozen: Clock, protected: Account) -> None:
    """Tokens of the old account are dead; the address signs up anew at once, and is told nothing of the old one."""
    stack.call("POST /forgot", WHOM)
    link = {"token": stack.mailed_token(), "new_password": SECOND_PASSWORD}
    challenge = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}

    assert delete(stack, protected).json["finished"]

    assert not stack.is_signed_in(protected.access_token)
    assert stack.refresh(protected.refresh_token).code == "invalid_grant"
    assert stack.call("POST /sign-in/totp", challenge).code == "challenge_invalid"
    assert stack.call("POST /reset", link).code == "token_invalid"
    assert stack.sign_in(protected).code == "invalid_credentials"
    frozen.advance(GAP)  # since it last asked to sign up: the limit of mails knows addresses, not accounts
    renewed = stack.sign_up(EMAIL, PASSWORD)
    assert renewed.account_id != protected.account_id
    assert find(stack)["totp"]["enabled"] is False


def test_deletion_leaves_its_event_for_thirty_days(stack: Stack, frozen: Clock, account: Account) -> None:
    """It is all that is left: mailed, published, and gone after the life of an address's events."""
    stack.deliver()
    delete(stack, account)
    (event,) = rows_of(stack, account)
    assert event["type"]["S"] == "account.deleted"
    assert int(event["expires_at"]["N"]) == frozen.now + ADDRESS_EVENT_LIFE

    stack.deliver()

    assert stack.inbox[-1]["Subject"] == "Your account was deleted"
    assert find(stack, account_id=account.account_id)["events"][0]["admin"] == ADMIN
    assert administer(stack, "find", WHOM).code == "account_not_found"


def test_deleting_again_spares_whoever_has_the_address_now(
    stack: Stack, frozen: Clock, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short, then called again after the address was taken anew: it goes on with the old rows alone."""
    for _ in range(4):
        stack.sign_in_again(account)
    monkeypatch.setattr("rekey.accounts.deletion.ROWS", 2)
    assert delete(stack, account).json == {"account_id": account.account_id, "rows": 2, "finished": False}
    frozen.advance(GAP)
    renewed = stack.sign_up()
    of_renewed = rows_of(stack, renewed)

    steps = [delete(stack, account).json for _ in range(10)]

    assert steps[-1] == {"account_id": account.account_id, "rows": 0, "finished": True}
    assert len(rows_of(stack, account)) == 1
    assert stack.is_signed_in(renewed.access_token)
    assert rows_of(stack, renewed) == of_renewed
    assert [event["type"] for event in find(stack)["events"]] == ["account.created", "sign_up.requested"]


def test_a_fault_midway_is_finished_by_another_call(
    stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A throttled batch is a 503; the account is gone by then; called again, so are its rows."""

    def throttled(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchWriteItem")

    with monkeypatch.context() as broken:
        broken.setattr(sdk.dynamodb(), "batch_write_item", throttled)
        assert delete(stack, account).code == "service_unavailable"
    assert not stack.is_signed_in(account.access_token)
    assert len(rows_of(stack, account)) > 1

    assert delete(stack, account).json["finished"]
    assert len(rows_of(stack, account)) == 1


def test_what_a_batch_leaves_is_asked_again(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB may do a part of a batch and hand back the rest: it is deleted too, or the call is a fault."""
    write = sdk.dynamodb().batch_write_item
    left = [3]

    def partly(*, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - the SDK's name
        if left[0]:
            left[0] -= 1
            return {"UnprocessedItems": RequestItems}
        return write(RequestItems=RequestItems)

    monkeypatch.setattr(sdk.dynamodb(), "batch_write_item", partly)
    assert delete(stack, account).json["finished"]
    assert len(rows_of(stack, account)) == 1


@pytest.mark.parametrize(
    ("name", "whom"),
    [
        (name, whom)
        for name in ("find", *PREPARED, "reset-password")
        for whom in ("email", "account_id")
        if (name, whom) != ("delete", "email")  # an account is deleted by its id alone
    ],
)
def test_the_log_says_whom_an_admin_asked_about(
    stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch, name: str, whom: str
) -> None:
    """The line of each route names who asked and the account's id, refused or not, and no address."""
    log = io.StringIO()
    monkeypatch.setattr(observability.logger().registered_handler, "stream", log)

    for _ in range(2):
        administer(stack, name, {whom: getattr(account, whom)})

    lines = [line for line in map(json.loads, log.getvalue().splitlines()) if line["message"] == "answered"]
    assert [(line["caller"], line.get("account_id")) for line in lines] == [(ADMIN, account.account_id)] * 2
    assert EMAIL not in log.getvalue()


def test_the_log_says_which_account_was_not_found(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """An id that was tried is in the log; an address that has no account is not."""
    log = io.StringIO()
    monkeypatch.setattr(observability.logger().registered_handler, "stream", log)

    assert administer(stack, "find", {"account_id": "0" * 28}).code == "account_not_found"
    assert administer(stack, "find", WHOM).code == "account_not_found"

    by_id, by_address = (line for line in map(json.loads, log.getvalue().splitlines()) if line["message"] == "answered")
    assert (by_id["account_id"], "account_id" in by_address) == ("0" * 28, False)
    assert EMAIL not in log.getvalue()
