"""A breached password is refused wherever one is set, and a fault of the look-up refuses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ranges import Ranges, serving
from tests.stack import EMAIL, Account, Answer, Clock, Stack

BREACHED, NEW = "Breached-Horse-7", "Another-Horse-7"


@pytest.fixture
def ranges() -> Iterator[Ranges]:
    with serving(Ranges(BREACHED)) as ranges:
        yield ranges


@pytest.fixture
def parameters(ranges: Ranges) -> dict[str, str]:
    return {"BreachedPasswords": ranges.address}


def change(stack: Stack, account: Account, password: str) -> Answer:
    body = {"current_password": account.password, "new_password": password}
    return stack.call("POST /change", body, token=account.access_token)


def test_refused_at_sign_up(stack: Stack) -> None:
    """No account is made with it; the link is not spent, and makes one with another."""
    stack.call("POST /sign-up", {"email": EMAIL})
    token = stack.mailed_token()
    refused = stack.call("POST /sign-up/complete", {"token": token, "password": BREACHED})

    assert refused.json["errors"] == [{"field": "password", "code": "breached"}]
    assert stack.call("POST /sign-up/complete", {"token": token, "password": NEW}).status == 201


def test_refused_at_change(stack: Stack, account: Account) -> None:
    """It takes no other's place."""
    refused = change(stack, account, BREACHED)

    assert (refused.status, refused.code) == (422, "weak_password")
    assert refused.json["errors"] == [{"field": "new_password", "code": "breached"}]
    assert change(stack, account, NEW).status == 204


def test_refused_at_reset(stack: Stack, account: Account) -> None:
    """Nor through a mailed link, which then is good for another."""
    stack.call("POST /forgot", {"email": account.email})
    token = stack.mailed_token()
    refused = stack.call("POST /reset", {"token": token, "new_password": BREACHED})

    assert refused.json["errors"] == [{"field": "new_password", "code": "breached"}]
    assert stack.call("POST /reset", {"token": token, "new_password": NEW}).status == 204


def test_asked_of_a_new_password_alone(stack: Stack, account: Account, ranges: Ranges) -> None:
    """Neither a sign-in, nor a wrong or forged proof, nor what is refused by the rule makes anything leave."""
    asked = len(ranges.requests)
    stack.sign_in(account)
    stack.call("POST /change", {"current_password": "wrong", "new_password": NEW}, token=account.access_token)
    stack.call("POST /reset", {"token": "rkp_forged", "new_password": NEW})
    change(stack, account, "Password-1")

    assert len(ranges.requests) == asked


def test_without_the_look_up_the_list_judges(stack: Stack, account: Account, ranges: Ranges, frozen: Clock) -> None:
    """While it cannot be reached, a common password is refused all the same, and any other is taken."""
    ranges.behave = lambda connection, _: connection.close()

    assert change(stack, account, "Password-1").json["errors"] == [{"field": "new_password", "code": "too_common"}]
    assert change(stack, account, BREACHED).status == 204
    frozen.advance(60)
    assert stack.call("POST /sign-in", {"email": EMAIL, "password": BREACHED}).status == 200


def test_a_breached_password_locks_nobody(stack: Stack, account: Account) -> None:
    """It is looked up once the current one is proven, which gives the attempt back."""
    assert [change(stack, account, BREACHED).status for _ in range(9)] == [422] * 9

    assert change(stack, account, NEW).status == 204


def test_a_breached_password_buys_no_guesses(stack: Stack, account: Account) -> None:
    """What the owner gets back is their own attempt: a thief's wrong guesses stay counted."""

    def guess() -> int:
        body = {"current_password": "wrong", "new_password": BREACHED}
        return stack.call("POST /change", body, token=account.access_token).status

    assert [guess() for _ in range(4)] == [401] * 4
    assert change(stack, account, BREACHED).status == 422
    assert [guess(), guess()] == [401, 429]


def test_an_attempt_is_not_given_back_twice(stack: Stack, account: Account, ranges: Ranges) -> None:
    """Where a change that succeeds meanwhile has forgotten all attempts, nothing is left to give back: below none, a
    thief would have a guess more.
    """
    answer, asked = ranges.behave, []

    def behave(*args: Any) -> None:
        ranges.behave = answer
        asked.append(change(stack, account, NEW).status)
        answer(*args)

    ranges.behave = behave
    assert (change(stack, account, BREACHED).status, asked) == (422, [204])

    wrong = {"current_password": "wrong", "new_password": "Third-Horse-Rides-5"}
    statuses = [stack.call("POST /change", wrong, token=account.access_token).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
