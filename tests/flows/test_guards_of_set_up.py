"""What holds when the set-up of two-factor sign-in ends between another request's read and its write.

Each test says what an attacker would gain by that moment.
"""

from __future__ import annotations

from tests.calls import meanwhile
from tests.flows.test_guards_of_second_factor import revoke_all
from tests.stack import Account, Clock, Stack, code_at, next_code


def verify(stack: Stack, account: Account, code: str) -> str:
    return stack.call("POST /totp/verify", {"code": code}, token=account.access_token).code


def test_a_secret_that_a_newer_one_replaces(stack: Stack, account: Account) -> None:
    """Who has a session of the owner's would turn their own app on at the moment in which the owner sets up another,
    and the owner would be locked out.
    """
    intruder = stack.begin_totp(stack.sign_in_again(account))
    code = code_at(intruder, 0)

    with meanwhile("TransactWriteItems", lambda: stack.begin_totp(account)):
        assert verify(stack, intruder, code) == "enrolment_not_found"

    assert verify(stack, account, code_at(account, 0)) == ""


def test_a_first_code_while_all_is_revoked(stack: Stack, account: Account) -> None:
    """Who has a session of the owner's would lock the owner out by their own app, at the moment in which they are
    thrown out themselves.
    """
    intruder = stack.begin_totp(stack.sign_in_again(account))

    with meanwhile("TransactWriteItems", lambda: revoke_all(stack, account)):
        assert verify(stack, intruder, code_at(intruder, 0)) == "enrolment_not_found"

    assert "challenge" not in stack.sign_in(account).json


def test_a_set_up_that_ends_while_its_code_is_judged(stack: Stack, account: Account, frozen: Clock) -> None:
    """A secret that was shown would do after the ten minutes there are for it, by a request that is held up."""
    stack.begin_totp(account)
    frozen.advance(599)

    with meanwhile("UpdateItem", lambda: frozen.advance(1)):
        assert verify(stack, account, code_at(account, 0)) == "enrolment_not_found"

    assert "challenge" not in stack.sign_in(account).json


def test_a_secret_that_is_written_late(stack: Stack, account: Account, frozen: Clock) -> None:
    """An intruder's app would take the place of the owner's, just turned on, if the write of its secret came once more
    (the SDK repeats one whose answer is lost).
    """
    intruder = stack.begin_totp(stack.sign_in_again(account))
    (late,) = [row for row in stack.rows("TokensTable") if row["sk"]["S"] == "enrolment"]
    code = code_at(intruder, 0)

    def set_up() -> None:
        stack.enable_totp(account)
        stack.restore("TokensTable", late)

    with meanwhile("TransactWriteItems", set_up):
        assert verify(stack, intruder, code) == "enrolment_not_found"

    frozen.advance(30)
    body = {"challenge_token": stack.challenge(account), "code": next_code(account)}
    assert stack.call("POST /sign-in/totp", body).status == 200
