"""A one-time thing is accepted at most once."""

from __future__ import annotations

import pytest

from tests.flows import test_expiry
from tests.flows.test_expiry import Expiring
from tests.stack import SECOND_PASSWORD, Account, Clock, Stack, code_at, next_code


@pytest.mark.parametrize(
    "one_time",
    [test_expiry.sign_up_link, test_expiry.reset_link, test_expiry.challenge, test_expiry.enrolment],
    ids=["sign-up link", "reset link", "challenge", "enrolment"],
)
def test_second_use(stack: Stack, frozen: Clock, one_time: Expiring) -> None:
    """It works once, and what it did is not done again."""
    _, use = one_time(stack, frozen)
    assert use().status < 300
    before = [len(stack.rows(table)) for table in ("AccountsTable", "EventsTable")]

    assert 400 <= use().status < 500

    assert [len(stack.rows(table)) for table in ("AccountsTable", "EventsTable")] == before


def second_step(stack: Stack, account: Account, **fields: str) -> str:
    """What a complete sign-in with the code is answered."""
    return stack.call("POST /sign-in/totp", {"challenge_token": stack.challenge(account), **fields}).code


def test_code(stack: Stack, protected: Account, frozen: Clock) -> None:
    """A code is taken once, whichever flow it is sent to again, and no earlier one after it."""
    frozen.advance(60)
    now, earlier = code_at(protected, 0), code_at(protected, -30)

    assert second_step(stack, protected, code=now) == ""
    assert second_step(stack, protected, code=now) == "totp_used"
    assert second_step(stack, protected, code=earlier) == "totp_used"
    assert stack.reauthenticate(protected, code=now).code == "totp_used"
    assert second_step(stack, protected, code=next_code(protected)) == ""


def test_recovery_codes(stack: Stack, protected: Account, frozen: Clock) -> None:
    """All ten work, in any order, each once, typed in any way."""
    codes = protected.recovery_codes[::2] + protected.recovery_codes[1::2]
    for number, code in enumerate(codes):
        frozen.advance(900)  # a wrong one in each period
        assert second_step(stack, protected, recovery_code=code.upper().replace("-", " ")) == ""
        assert second_step(stack, protected, recovery_code=code) == "recovery_code_invalid"
        left = stack.call("GET /account", token=stack_access(stack, protected)).json["totp"]["recovery_codes_left"]
        assert left == 9 - number


def stack_access(stack: Stack, account: Account) -> str:
    """A living access token of the account's first session."""
    renewed = stack.refresh(account.refresh_token).json
    account.refresh_token = renewed["refresh_token"]
    return str(renewed["access_token"])


def test_wrong_code_spends_nothing(stack: Stack, protected: Account) -> None:
    """A challenge outlives a mistyped code, and a right one then completes it."""
    challenge = {"challenge_token": stack.challenge(protected)}
    assert stack.call("POST /sign-in/totp", {**challenge, "recovery_code": "0000"}).code == "recovery_code_invalid"

    assert stack.call("POST /sign-in/totp", {**challenge, "code": next_code(protected)}).status == 200


def test_weak_password_spends_nothing(stack: Stack) -> None:
    """A link outlives a password that is too weak."""
    stack.sign_up()
    stack.call("POST /forgot", {"email": "alice@example.com"})
    body = {"token": stack.mailed_token(), "new_password": "weak"}
    assert stack.call("POST /reset", body).code == "weak_password"

    assert stack.call("POST /reset", {**body, "new_password": SECOND_PASSWORD}).status == 204


def test_code_and_recovery_code_together(stack: Stack, protected: Account) -> None:
    """One of the two is asked for: both, or neither, is refused before anything is spent."""
    both = {"code": next_code(protected), "recovery_code": protected.recovery_codes[0]}

    assert second_step(stack, protected, **both) == "validation_failed"
    assert second_step(stack, protected) == "validation_failed"
    assert second_step(stack, protected, code=both["code"]) == ""
