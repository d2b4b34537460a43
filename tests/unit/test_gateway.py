"""The local gateway: the routes it takes from the template."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from local.gateway import Gateway
from local.server import Received, Sent
from local.template import load_template


class Lambdas:
    """Answers with what it was asked: the function, and the route's key."""

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        asked = [function, event["routeKey"], event["rawPath"]]
        return {"statusCode": 200, "headers": {}, "body": json.dumps(asked)}


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(load_template(), cast("Any", Lambdas()), lambda _: None)


def answer(gateway: Gateway, path: str, method: str = "GET") -> Any:
    """What was invoked, or the status."""
    sent = gateway.answer(Received(method, path, "", [], b"", "127.0.0.1"))
    return json.loads(sent.body) if sent.status == 200 else sent.status


def test_a_route_with_a_name(gateway: Gateway) -> None:
    """`/assets/{name}` takes any last part, as it came, under the route's own key."""
    for name in ("style.0123456789abcdef.css", "..%2fpages.py", "{name}"):
        assert answer(gateway, f"/assets/{name}") == ["pages", "GET /assets/{name}", f"/assets/{name}"]


@pytest.mark.parametrize("path", ["/assets", "/assets/", "/assets/a/b", "/nothing/x", "//assets/x"])
def test_what_a_name_is_not(gateway: Gateway, path: str) -> None:
    """A name is one part of a path, and not an empty one: all else is for the route that takes the rest."""
    assert answer(gateway, path) == ["pages", "GET /{proxy+}", path]


def test_the_route_itself_comes_first(gateway: Gateway) -> None:
    """A path that is a route is that route, and only by its method; with another it is one of the rest."""
    assert answer(gateway, "/sign-up/complete") == ["pages", "GET /sign-up/complete", "/sign-up/complete"]
    assert answer(gateway, "/sign-up/complete", "POST") == ["sign_up", "POST /sign-up/complete", "/sign-up/complete"]
    assert answer(gateway, "/assets/x", "POST") == ["pages", "POST /{proxy+}", "/assets/x"]
    assert answer(gateway, "/sign-out", "DELETE") == 404


def test_what_stands_behind_the_routes_comes_before_the_rest() -> None:
    """The local instance's own pages are reached, though the template takes every path."""
    gateway = Gateway(
        load_template(), cast("Any", Lambdas()), lambda received: Sent(418) if "_" in received.path else None
    )

    assert answer(gateway, "/_local/") == 418
    assert answer(gateway, "/local/") == ["pages", "GET /{proxy+}", "/local/"]


def test_a_greedy_name_is_not_empty(gateway: Gateway) -> None:
    """`/` is a route of its own, for each method that has one."""
    assert answer(gateway, "/", "HEAD") == ["pages", "HEAD /", "/"]
    assert answer(gateway, "/", "POST") == 404


@pytest.mark.parametrize("path", ["/account", "/nothing"])
def test_preflights_meet_no_function(gateway: Gateway, path: str) -> None:
    """Whatever the path, CORS is the gateway's own."""
    asked = [("origin", "http://localhost:3000"), ("access-control-request-method", "GET")]
    sent = gateway.answer(Received("OPTIONS", path, "", asked, b"", "127.0.0.1"))

    assert (sent.status, dict(sent.headers)["Access-Control-Allow-Methods"]) == (204, "GET,POST")
