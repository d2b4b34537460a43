"""What holds when an account is changed, shut or deleted between another request's read and its write.

Each test says what an attacker would gain by that moment, or what would be left broken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rekey import clock
from tests import story
from tests.calls import meanwhile
from tests.foreign_hashes import HASHES
from tests.stack import EMAIL, Account, Answer, Clock, Stack
from tests.story import administer, stop_mails

NEW = story.SECOND_PASSWORD


def change(stack: Stack, account: Account) -> Answer:
    body = {"current_password": account.password, "new_password": NEW}
    return stack.call("POST /change", body, token=account.access_token)


def disable(stack: Stack, account: Account) -> Answer:
    return administer(stack, "disable", {"account_id": account.account_id})


def delete(stack: Stack, account: Account) -> Answer:
    return administer(stack, "delete", {"account_id": account.account_id})


def rows(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [row for row in stack.rows("AccountsTable") if row["sk"]["S"] == kind]


@pytest.mark.parametrize("end", [change, disable])
def test_sign_in_while_sessions_end(stack: Stack, account: Account, end: Callable[[Stack, Account], Answer]) -> None:
    """Who has the old password would sign in across the change, or across the door being shut, and stay in."""
    with meanwhile("TransactWriteItems", lambda: end(stack, account)):
        answer = stack.sign_in(account).json

    assert not stack.is_signed_in(answer["access_token"])
    assert stack.refresh(answer["refresh_token"]).code == "invalid_grant"


def test_sign_in_that_hashes_anew_while_the_password_is_changed(stack: Stack, account: Account) -> None:
    """Who has the old password would sign in, and by that put it back: its hash, made anew, over that of the new."""
    (row,) = rows(stack, "account")
    stack.restore("AccountsTable", row | {"password_hash": {"S": HASHES["libxcrypt 2y"]}})  # as imported

    with meanwhile("TransactWriteItems", lambda: change(stack, account)):
        assert stack.sign_in(account).code == "invalid_credentials"

    assert stack.sign_in(account).code == "invalid_credentials"
    account.password = NEW
    assert stack.sign_in(account).status == 200


def test_sign_in_while_the_account_is_deleted(stack: Stack, account: Account) -> None:
    """Tokens would be given out that work nowhere, and the address would be written anew, to stay for ever."""
    with meanwhile("TransactWriteItems", lambda: delete(stack, account)):
        assert stack.sign_in(account).code == "invalid_credentials"

    assert rows(stack, "address") == []


@pytest.mark.parametrize(
    ("act", "before"),
    [("disable", []), ("enable", ["disable"]), ("clear-totp", [])],
    ids=["disable", "enable", "clear"],
)
def test_of_two_admins_one_is_served(stack: Stack, protected: Account, act: str, before: list[str]) -> None:
    """The owner would be told twice of what was done once, and signed out of what came in between."""
    whom = {"account_id": protected.account_id}
    for each in before:
        administer(stack, each, whom)
    known = len(administer(stack, "find", whom).json["events"])

    with meanwhile("TransactWriteItems", lambda: administer(stack, act, whom)):
        assert administer(stack, act, whom).code == "conflict"

    assert len(administer(stack, "find", whom).json["events"]) == known + 1


def test_mail_again_for_an_account_that_ends_meanwhile(stack: Stack, frozen: Clock, account: Account) -> None:
    """Mails would go on to an address whose owner of now has called them spam."""
    stop_mails(stack, EMAIL)
    frozen.advance(60)

    def end() -> None:
        delete(stack, account)
        stop_mails(stack, stack.sign_up().email)

    with meanwhile("TransactWriteItems", end):
        assert administer(stack, "mail-again", {"account_id": account.account_id}).code == "conflict"

    assert administer(stack, "find", {"email": EMAIL}).json["delivery"]["state"] == "bounced"


def test_deletion_takes_no_address_that_is_another_s(stack: Stack, frozen: Clock, account: Account) -> None:
    """An account that a backup brought back, its address being somebody else's by now, would take theirs with it."""
    (backup,) = rows(stack, "account")
    delete(stack, account)
    frozen.advance(60)
    renewed = stack.sign_up()
    stack.restore("AccountsTable", backup)

    assert delete(stack, account).code == "conflict"

    assert stack.sign_in(renewed).json["account_id"] == renewed.account_id


def test_a_lock_is_shown_to_its_last_second(stack: Stack, account: Account, frozen: Clock) -> None:
    """Support would tell an owner that sign-in is open while it is locked, and see no attack while one goes on."""
    for _ in range(4):
        stack.call("POST /sign-in", {"email": EMAIL, "password": story.WRONG_PASSWORD})
    assert administer(stack, "find", {"email": EMAIL}).json["locks"] == []
    stack.call("POST /sign-in", {"email": EMAIL, "password": story.WRONG_PASSWORD})
    opens_in = int(stack.sign_in(account).headers["Retry-After"])
    until = clock.iso(frozen.now + opens_in)

    for seconds in (0, opens_in - 1):
        frozen.advance(seconds)
        assert administer(stack, "find", {"email": EMAIL}).json["locks"] == [{"what": "sign_in", "until": until}]
    frozen.advance(1)

    assert administer(stack, "find", {"email": EMAIL}).json["locks"] == []
    assert stack.sign_in(account).status == 200
