"""What holds when an account is changed, shut or deleted while somebody signs in, and what a lock is told as.

Each test says what an attacker would gain by that moment, or what would be left broken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rekey import clock
from tests.actors import administer
from tests.calls import meanwhile
from tests.foreign_hashes import HASHES
from tests.stack import EMAIL, SECOND_PASSWORD, THIRD_PASSWORD, WRONG_PASSWORD, Account, Answer, Clock, Stack

NEW = SECOND_PASSWORD


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


def test_the_first_step_while_the_account_is_deleted(stack: Stack, protected: Account) -> None:
    """The same where a code is asked for: the address would be written anew by giving back the attempt."""
    with meanwhile("TransactWriteItems", lambda: delete(stack, protected)):
        assert stack.sign_in(protected).code == "invalid_credentials"

    assert rows(stack, "address") == []


def test_a_lock_is_shown_to_its_last_second(stack: Stack, account: Account, frozen: Clock) -> None:
    """Support would tell an owner that sign-in is open while it is locked, and see no attack while one goes on."""
    for _ in range(4):
        stack.call("POST /sign-in", {"email": EMAIL, "password": WRONG_PASSWORD})
    assert administer(stack, "find", {"email": EMAIL}).json["locks"] == []
    stack.call("POST /sign-in", {"email": EMAIL, "password": WRONG_PASSWORD})
    opens_in = int(stack.sign_in(account).headers["Retry-After"])
    until = clock.iso(frozen.now + opens_in)

    for seconds in (0, opens_in - 1):
        frozen.advance(seconds)
        assert administer(stack, "find", {"email": EMAIL}).json["locks"] == [{"what": "sign_in", "until": until}]
    frozen.advance(1)

    assert administer(stack, "find", {"email": EMAIL}).json["locks"] == []
    assert stack.sign_in(account).status == 200


def test_a_change_forgets_the_wrong_passwords(stack: Stack, account: Account) -> None:
    """An owner who mistypes now and then, and a change by the right password in between, would be locked."""
    for new in (NEW, THIRD_PASSWORD):
        for current, status in [*[(WRONG_PASSWORD, 401)] * 4, (account.password, 204)]:
            body = {"current_password": current, "new_password": new}
            assert stack.call("POST /change", body, token=account.access_token).status == status
        account.password = new
