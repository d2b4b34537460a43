"""Expired is refused, to the second, with the row still there: TTL is the garbage collector, never the judge."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stack import EMAIL, SECOND_PASSWORD, Answer, Clock, Stack, code_at, next_code

# What is used, how many seconds it is good for, and how it is used; the answer is a success while it is good.
Use = Callable[[], Answer]
Expiring = Callable[[Stack, Clock], tuple[int, Use]]


def parameter(stack: Stack, name: str) -> int:
    return int(stack.template.parameters[name])


def sign_up_link(stack: Stack, _: Clock) -> tuple[int, Use]:
    stack.call("POST /sign-up", {"email": EMAIL})
    body = {"token": stack.mailed_token(), "password": SECOND_PASSWORD}
    return parameter(stack, "LinkLife"), lambda: stack.call("POST /sign-up/complete", body)


def reset_link(stack: Stack, _: Clock) -> tuple[int, Use]:
    stack.sign_up()
    stack.call("POST /forgot", {"email": EMAIL})
    body = {"token": stack.mailed_token(), "new_password": SECOND_PASSWORD}
    return parameter(stack, "LinkLife"), lambda: stack.call("POST /reset", body)


def email_link(stack: Stack, _: Clock) -> tuple[int, Use]:
    stack.call("POST /email/verify", {}, token=stack.sign_up().access_token)
    body = {"token": stack.mailed_token()}
    return parameter(stack, "LinkLife"), lambda: stack.call("POST /email/verify/complete", body)


def challenge(stack: Stack, _: Clock) -> tuple[int, Use]:
    account = stack.enable_totp(stack.sign_up())
    token = stack.challenge(account)
    return 300, lambda: stack.call("POST /sign-in/totp", {"challenge_token": token, "code": next_code(account)})


def enrolment(stack: Stack, _: Clock) -> tuple[int, Use]:
    account = stack.begin_totp(stack.sign_up())
    token = account.access_token
    return 600, lambda: stack.call("POST /totp/verify", {"code": code_at(account, 0)}, token=token)


def access_token(stack: Stack, _: Clock) -> tuple[int, Use]:
    account = stack.sign_up()
    return parameter(stack, "AccessTokenLife"), lambda: stack.call("GET /account", token=account.access_token)


def previous_access_token(stack: Stack, frozen: Clock) -> tuple[int, Use]:
    account = stack.sign_up()
    frozen.advance(100)
    stack.refresh(account.refresh_token)
    return parameter(stack, "AccessTokenLife") - 100, lambda: stack.call("GET /account", token=account.access_token)


def idle_session(stack: Stack, _: Clock) -> tuple[int, Use]:
    account = stack.sign_up()
    return parameter(stack, "SessionIdle"), lambda: stack.refresh(account.refresh_token)


def whole_session(stack: Stack, frozen: Clock) -> tuple[int, Use]:
    """Kept from idling by a refresh each day, it still ends."""
    token, days = stack.sign_up().refresh_token, parameter(stack, "SessionLife") // 86400
    for _ in range(days - 1):
        frozen.advance(86400)
        token = stack.refresh(token).json["refresh_token"]
    return 86400, lambda: stack.refresh(token)


def fresh_sign_in(stack: Stack, _: Clock) -> tuple[int, Use]:
    account = stack.sign_up()
    return parameter(stack, "ProofLife"), lambda: stack.call("POST /totp/setup", token=account.access_token)


def proof(stack: Stack, frozen: Clock) -> tuple[int, Use]:
    account = stack.sign_up()
    frozen.advance(400)
    stack.reauthenticate(account)
    return parameter(stack, "ProofLife"), lambda: stack.call("POST /totp/setup", token=account.access_token)


EXPIRING = [
    sign_up_link,
    reset_link,
    email_link,
    challenge,
    enrolment,
    access_token,
    previous_access_token,
    idle_session,
    whole_session,
    fresh_sign_in,
    proof,
]


@pytest.mark.parametrize("expiring", EXPIRING, ids=[each.__name__ for each in EXPIRING])
def test_good_up_to_its_last_second(stack: Stack, frozen: Clock, expiring: Expiring) -> None:
    """In the last second of its life it is taken."""
    life, use = expiring(stack, frozen)

    frozen.advance(life - 1)

    assert use().status < 300


@pytest.mark.parametrize("expiring", EXPIRING, ids=[each.__name__ for each in EXPIRING])
@pytest.mark.parametrize("late", [0, 1, 86400])
def test_refused_from_then_on(stack: Stack, frozen: Clock, expiring: Expiring, late: int) -> None:
    """From the second on at which its life is over it is refused, though its row is still there; nothing changes."""
    life, use = expiring(stack, frozen)
    frozen.advance(life + late)
    before = stack.rows("TokensTable")

    assert 400 <= use().status < 500

    assert stack.rows("TokensTable") == before


def test_grace(stack: Stack, frozen: Clock) -> None:
    """In the last second of the grace a repeated refresh gets the same tokens."""
    account = stack.sign_up()
    first = stack.refresh(account.refresh_token).json

    frozen.advance(parameter(stack, "RefreshGrace"))
    again = stack.refresh(account.refresh_token).json

    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] == first["access_token"]


def test_after_the_grace(stack: Stack, frozen: Clock) -> None:
    """A second later it is a token in two hands, and the session ends."""
    account = stack.sign_up()
    first = stack.refresh(account.refresh_token).json

    frozen.advance(parameter(stack, "RefreshGrace") + 1)

    assert stack.refresh(account.refresh_token).code == "invalid_grant"
    assert stack.refresh(first["refresh_token"]).code == "invalid_grant"
    assert not stack.is_signed_in(first["access_token"])
