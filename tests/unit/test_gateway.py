"""The local gateway: the routes it takes from the template."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from local.gateway import Gateway
from local.server import Received
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
    """A name is one part of a path, and not an empty one."""
    assert answer(gateway, path) == 404


def test_the_route_itself_comes_first(gateway: Gateway) -> None:
    """A path that is a route is that route, and only by its method."""
    assert answer(gateway, "/sign-up/complete") == ["pages", "GET /sign-up/complete", "/sign-up/complete"]
    assert answer(gateway, "/sign-up/complete", "POST") == ["sign_up", "POST /sign-up/complete", "/sign-up/complete"]
    assert answer(gateway, "/assets/x", "POST") == 404
