"""What holds when codes and challenges are spent between another request's read and its write.

Each test says what an attacker would gain by that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.calls import meanwhile
from tests.stack import Account, Answer, Clock, Stack, code_at, next_code, text_of

Attempt = Callable[[], Answer]
"""A request with all that it takes, the right code too, but for being sent."""
Use = Callable[[Stack, Account, dict[str, str]], Attempt]


def signing_in(stack: Stack, account: Account, proof: dict[str, str]) -> Attempt:
    body = {"challenge_token": stack.challenge(account), **proof}
    return lambda: stack.call("POST /sign-in/totp", body)


def reauthenticating(stack: Stack, account: Account, proof: dict[str, str]) -> Attempt:
    return lambda: stack.reauthenticate(account, **proof)


USES = [signing_in, reauthenticating]
of_every_use = pytest.mark.parametrize("use", USES, ids=[each.__name__ for each in USES])
of_either_code = pytest.mark.parametrize("kind", ["code", "recovery_code"])
REFUSED = {"code": "totp_used", "recovery_code": "recovery_code_invalid"}


def proof_of(account: Account, kind: str) -> dict[str, str]:
    return {kind: next_code(account) if kind == "code" else account.recovery_codes[0]}


def row_of(stack: Stack) -> dict[str, Any]:
    (row,) = [row for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account"]
    return row


def session_count(stack: Stack) -> int:
    return sum(row["sk"]["S"].startswith("session#") for row in stack.rows("TokensTable"))


@of_either_code
@of_every_use
def test_one_code_twice_at_once(stack: Stack, protected: Account, use: Use, kind: str) -> None:
    """Who looks over a shoulder would sign in, or prove to be the owner, by the very code that its owner signs in with
    at that moment.
    """
    proof = proof_of(protected, kind)
    second, first = use(stack, protected, proof), signing_in(stack, protected, proof)
    served = []

    with meanwhile("TransactWriteItems", lambda: served.append(first().status)):
        assert second().code == REFUSED[kind]

    assert (served, session_count(stack)) == ([200], 2)
    assert "totp_secret" in row_of(stack)
    assert len(row_of(stack)["recovery_codes"]["BS"]) == (10 if kind == "code" else 9)


@of_every_use
def test_an_earlier_code_after_a_later_one(stack: Stack, protected: Account, frozen: Clock, use: Use) -> None:
    """A code read off half a minute ago would still do while its owner signs in with the next (RFC 6238 §5.2)."""
    frozen.advance(90)
    earlier = use(stack, protected, {"code": code_at(protected, -30)})
    later = signing_in(stack, protected, {"code": code_at(protected, 0)})

    with meanwhile("TransactWriteItems", later):
        assert earlier().code == "totp_used"

    assert session_count(stack) == 2


def test_two_codes_for_one_challenge(stack: Stack, protected: Account) -> None:
    """Who has two codes and saw one challenge would make two sessions of one proof of the password."""
    challenge = {"challenge_token": stack.challenge(protected)}
    first, second = ({**challenge, "recovery_code": code} for code in protected.recovery_codes[:2])

    with meanwhile("TransactWriteItems", lambda: stack.call("POST /sign-in/totp", first)):
        assert stack.call("POST /sign-in/totp", second).code == "challenge_invalid"

    assert session_count(stack) == 2
    assert len(row_of(stack)["recovery_codes"]["BS"]) == 9


def test_a_challenge_that_ends_while_its_code_is_judged(stack: Stack, protected: Account, frozen: Clock) -> None:
    """A request that is held up would complete a sign-in after the five minutes there are for it."""
    frozen.advance(60)
    attempt = signing_in(stack, protected, {"recovery_code": protected.recovery_codes[0]})
    frozen.advance(299)

    with meanwhile("UpdateItem", lambda: frozen.advance(1)):
        assert attempt().code == "challenge_invalid"

    assert session_count(stack) == 1


def test_a_recovery_code_is_reported(stack: Stack, protected: Account) -> None:
    """Who has found the codes would use them up unheard, or the owner would count on codes that are not there."""
    for left in (9, 8):
        code = {"recovery_code": protected.recovery_codes[left]}
        assert signing_in(stack, protected, code)().status == 200
        stack.deliver()
        assert stack.inbox[-1]["Subject"] == "A recovery code was used"
        assert f"You have {left} unused codes left." in text_of(stack.inbox[-1])
