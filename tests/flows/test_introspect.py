"""POST /oauth/introspect: what a service is told of a token it was sent (RFC 7662)."""

from __future__ import annotations

from typing import Any

import pytest

from rekey import clock
from rekey.sessions import tokens
from tests.actors import SERVICE
from tests.calls import recording
from tests.stack import Account, Clock, Stack

INACTIVE = {"active": False}


def ask(stack: Stack, token: str, **more: str) -> Any:
    answer = stack.call("POST /oauth/introspect", form={"token": token, **more}, caller=SERVICE)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.json


def test_active(stack: Stack, account: Account, frozen: Clock) -> None:
    """Of a good access token it tells whose it is, of which session, until when, and how and when they signed in."""
    token = tokens.parse_token("rka", account.access_token)
    assert token

    assert ask(stack, account.access_token) == {
        "active": True,
        "sub": account.account_id,
        "sid": token.token_id,
        "token_type": "Bearer",
        "scope": "account openid email profile offline_access",
        "exp": frozen.now + int(stack.template.parameters["AccessTokenLife"]),
        "iat": frozen.now,
        "auth_time": frozen.now,
        "amr": ["pwd", "sign-up"],
    }


def test_two_factors(stack: Stack, protected: Account) -> None:
    """Each factor is a method of its own (RFC 8176)."""
    body = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    signed_in = stack.call("POST /sign-in/totp", body).json

    assert ask(stack, signed_in["access_token"])["amr"] == ["pwd", "recovery"]


def test_refreshed(stack: Stack, account: Account, frozen: Clock) -> None:
    """After a refresh both tokens are good, each until its own end; the sign-in is as old as it is."""
    signed_in_at, life = frozen.now, int(stack.template.parameters["AccessTokenLife"])
    frozen.advance(100)
    newer = stack.refresh(account.refresh_token).json["access_token"]

    told, told_of_newer = ask(stack, account.access_token), ask(stack, newer)

    assert (told["exp"], "iat" in told) == (signed_in_at + life, False)
    assert (told_of_newer["exp"], told_of_newer["iat"]) == (frozen.now + life, frozen.now)
    assert told["auth_time"] == told_of_newer["auth_time"] == signed_in_at
    frozen.advance(life - 100)
    assert ask(stack, account.access_token) == INACTIVE
    assert ask(stack, newer)["active"]


def test_no_longer_than_the_session(stack: Stack, account: Account, frozen: Clock) -> None:
    """A token that would outlive its session is told to end with it."""
    ends_at = frozen.now + int(stack.template.parameters["SessionLife"])
    idle = int(stack.template.parameters["SessionIdle"])
    token = account.refresh_token
    while frozen.now + idle < ends_at:
        frozen.advance(idle - 1)
        token = stack.refresh(token).json["refresh_token"]
    frozen.now = ends_at - 60

    assert ask(stack, stack.refresh(token).json["access_token"])["exp"] == ends_at


def test_revoked(stack: Stack, account: Account) -> None:
    """What was revoked is inactive on the very next question, without a word why."""
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)

    assert ask(stack, account.access_token) == INACTIVE


def test_other_tokens(stack: Stack, protected: Account) -> None:
    """Refresh tokens, whatever the hint says, challenges and forged tokens are inactive."""
    real = tokens.parse_token("rka", protected.access_token)
    assert real
    forged = str(tokens.issue_token("rka", real.owner, real.token_id))

    for token in (protected.refresh_token, stack.challenge(protected), forged):
        assert ask(stack, token, token_type_hint="refresh_token") == INACTIVE


@pytest.mark.parametrize("token", ["x", "rka_", " ", "é", "\0", "rka_" + "x" * 8000])
def test_malformed(stack: Stack, token: str) -> None:
    """What never was a token is inactive, and no database is asked."""
    with recording() as calls:
        assert ask(stack, token) == INACTIVE
    assert calls == []


def test_unsigned(stack: Stack, account: Account) -> None:
    """Without an IAM caller nothing is told, and no database is asked, should the route ever lose its authorizer."""
    with recording() as calls:
        answer = stack.call("POST /oauth/introspect", form={"token": account.access_token})

    assert (answer.status, answer.code, calls) == (403, "iam_required", [])


def test_signed_at_the_door(stack: Stack) -> None:
    """API Gateway lets none but IAM callers through to the function."""
    assert "POST /oauth/introspect" in stack.template.signed_routes()


@pytest.mark.parametrize("parameters", [{"SessionIdle": "3600", "SessionLife": "4000"}])
def test_the_end_of_a_session_is_told_alike(stack: Stack, account: Account, frozen: Clock) -> None:
    """A token that is refreshed 10 s before its session's end says so itself, and again in the grace."""
    ends_at = frozen.now + 4000
    frozen.advance(3000)
    middle = stack.refresh(account.refresh_token).json
    frozen.advance(990)
    last, again = (stack.refresh(middle["refresh_token"]).json for _ in range(2))

    assert (middle["expires_in"], last["expires_in"], again["expires_in"]) == (900, 10, 10)
    assert ask(stack, last["access_token"])["exp"] == ends_at
    frozen.advance(9)
    assert stack.is_signed_in(last["access_token"])
    frozen.advance(1)
    assert not stack.is_signed_in(last["access_token"])


def test_a_page_s_cookie_ends_with_its_token(stack: Stack, account: Account) -> None:
    """What is answered, what a page's cookie lives and what introspection says are one."""
    page = {"rekey-client": "page", "sec-fetch-site": "same-origin"}
    body = {"email": account.email, "password": account.password}

    answer = stack.call("POST /sign-in", body, headers=page)

    (cookie,) = [cookie for cookie in answer.cookies if "access=" in cookie]
    assert f"Max-Age={answer.json['expires_in']};" in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    assert ask(stack, token)["exp"] == clock.now() + answer.json["expires_in"]


@pytest.mark.parametrize("parameters", [{"SessionIdle": "3600", "SessionLife": "4000"}])
def test_a_page_s_refresh_cookie_ends_with_its_session(stack: Stack, account: Account, frozen: Clock) -> None:
    """It is kept until the session has not been used for too long, or ends; the answer says for how long, too."""
    page = {"rekey-client": "page", "sec-fetch-site": "same-origin"}
    signed_in = stack.call("POST /sign-in", {"email": account.email, "password": account.password}, headers=page)
    (cookie,) = [cookie for cookie in signed_in.cookies if "refresh=" in cookie]
    name, _, token = cookie.partition(";")[0].partition("=")
    frozen.advance(3000)

    refreshed = stack.call(
        "POST /oauth/token", form={"grant_type": "refresh_token"}, headers=page, cookies={name: token}
    )

    for answer, left in ((signed_in, 3600), (refreshed, 1000)):
        assert [f"Max-Age={left};" in cookie for cookie in answer.cookies if "refresh=" in cookie] == [True]
        assert answer.json["refresh_expires_in"] == left
