"""POST /sign-in/totp with the right password before it and a wrong code: what the owner and a guesser learn."""

from __future__ import annotations

import pytest

from tests.calls import meanwhile, recording
from tests.stack import Account, Answer, Clock, Stack, code_at, wrong_code


def wrong(stack: Stack, account: Account, challenge: str, code: str | None = None) -> Answer:
    """The second step of a sign-in with a wrong code."""
    return stack.call("POST /sign-in/totp", {"challenge_token": challenge, "code": code or wrong_code(account)})


def test_a_wrong_code_after_the_right_password_is_told(stack: Stack, protected: Account) -> None:
    """Somebody knows the password: each wrong code is an event, and the owner hears at the third, once (ASVS 6.3.5)."""
    stack.deliver()
    mails = len(stack.inbox)
    challenge = stack.challenge(protected)

    for _ in range(4):
        assert wrong(stack, protected, challenge).code == "totp_invalid"

    stack.deliver()
    assert [mail["Subject"] for mail in stack.inbox[mails:]] == ["Someone has your password"]
    events = stack.call("GET /account", token=protected.access_token).json["events"]
    assert [event["type"] for event in events[:4]] == ["sign_in.code_refused"] * 4


@pytest.mark.parametrize("parameters", [{"AttemptLimit": "3"}])
def test_the_lock_is_told_in_its_place(stack: Stack, protected: Account) -> None:
    """Where the third wrong code locks, the owner hears of the lock alone."""
    stack.deliver()
    mails = len(stack.inbox)
    challenge = stack.challenge(protected)

    for _ in range(3):
        wrong(stack, protected, challenge)

    stack.deliver()
    assert [mail["Subject"] for mail in stack.inbox[mails:]] == ["Sign-in is temporarily locked"]


def test_one_code_tells_nothing_of_a_clock(stack: Stack, protected: Account, frozen: Clock) -> None:
    """A guess that is right for a later time is wrong in the same words and calls, or a guesser would wait for it."""
    challenge = stack.challenge(protected)
    frozen.advance(60)
    with recording() as early:
        answer = wrong(stack, protected, challenge, code_at(protected, 90))
    with recording() as never:
        other = wrong(stack, protected, challenge)

    assert (answer.status, answer.text) == (other.status, other.text)
    assert [call.shape() for call in early] == [call.shape() for call in never]


def test_two_codes_in_a_row_tell_of_a_clock(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Who has an app whose clock is wrong, and types what it shows, then what it shows next, is told by how much."""
    challenge = stack.challenge(protected)
    assert wrong(stack, protected, challenge, code_at(protected, 120)).code == "totp_invalid"
    assert wrong(stack, protected, challenge, code_at(protected, 120)).code == "totp_invalid"
    frozen.advance(30)

    answer = wrong(stack, protected, challenge, code_at(protected, 120))

    assert (answer.code, answer.json["clock_offset"]) == ("totp_clock_off", 120)


def test_a_challenge_that_is_spent_while_its_code_is_wrong(stack: Stack, protected: Account) -> None:
    """It does not come back as half a row."""
    challenge = stack.challenge(protected)
    right = {"challenge_token": challenge, "recovery_code": protected.recovery_codes[0]}

    with meanwhile("TransactWriteItems", lambda: stack.call("POST /sign-in/totp", right)):
        assert wrong(stack, protected, challenge).code == "challenge_invalid"

    assert not [row for row in stack.rows("TokensTable") if row["sk"]["S"].startswith("challenge#")]
