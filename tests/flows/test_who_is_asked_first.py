"""Whoever is not signed in learns that, and nothing of what is wrong with the body (`Request.body` has the order)."""

from __future__ import annotations

import pytest

from local import openapi
from rekey.api.bodies import LARGEST_BODY
from rekey.api.errors import AuthenticationRequiredError
from tests.scenarios.every import BY_ROUTE
from tests.stack import Stack

SIGNED_IN = [key for key, (_, route) in openapi.routes().items() if AuthenticationRequiredError in route.refuses]
WITH_BODY = [key for key in SIGNED_IN if openapi.routes()[key][1].body]
# Each with what a session that is good is told of it.
BODIES = {
    "cut": ("{", {}, "malformed_body"),
    "no object": ("[]", {}, "validation_failed"),
    "unknown field": ('{"admin": true}', {}, "validation_failed"),
    "too large": (f'{{"a": "{"x" * LARGEST_BODY}"}}', {}, "body_too_large"),
    "a form": ("scope=all", {"content-type": "application/x-www-form-urlencoded"}, "unsupported_media_type"),
}
of_each_body = pytest.mark.parametrize("body", BODIES)
of_each_route = pytest.mark.parametrize("route", WITH_BODY)


def test_the_routes_that_ask_for_a_session() -> None:
    """The table is of all of them: a route is here because it declares so, and `Stack.call` holds it to that."""
    assert {"POST /change", "POST /totp/verify", "POST /revoke-tokens", "POST /email/verify"} <= {*WITH_BODY}


@of_each_body
@of_each_route
def test_unsigned(stack: Stack, route: str, body: str) -> None:
    """Without a token, and with one that was never a session's: 401, whatever the body is."""
    text, headers, _ = BODIES[body]

    answers = [stack.call(route, raw=text, headers=headers, token=token) for token in (None, "rka_forged")]

    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "authentication_required"),
        (401, "access_token_invalid"),
    ]


@of_each_route
def test_unsigned_and_empty(stack: Stack, route: str) -> None:
    """Nor do missing fields come first."""
    assert stack.call(route, {}).code == "authentication_required"


@of_each_body
@of_each_route
def test_signed_in(stack: Stack, route: str, body: str) -> None:
    """With a session, the body is judged before the account's state: each way in which it is wrong has its name."""
    text, headers, code = BODIES[body]
    token = BY_ROUTE[route].prepare(stack).token

    assert stack.call(route, raw=text, headers=headers, token=token).code == code


@of_each_body
@of_each_route
def test_signed_in_no_more(stack: Stack, route: str, body: str) -> None:
    """A session that has ended is none."""
    text, headers, _ = BODIES[body]
    token = BY_ROUTE[route].prepare(stack).token
    assert stack.call("POST /oauth/revoke", form={"token": token or ""}).status == 200

    assert stack.call(route, raw=text, headers=headers, token=token).code == "access_token_invalid"
