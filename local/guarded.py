"""Serves an example behind what `AWS_PORT=4566 make run` runs: examples/guarded-api, or the one that EXAMPLE names.

python -m local.guarded [AuthorizerCache=60]
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from local import example_api
from local.example_api import ExampleApi, Handler, authorizer_of
from local.jwt_authorizer import JwtApi
from local.server import Received, Sent, Server, message
from local.template import ACCOUNT, REGION, Template, load_template

EXAMPLE = "guarded-api"
PORT = 3001  # GUARDED_PORT moves it: PORT is where Rekey itself is


def load_example(**parameters: str) -> Template:
    """The example with its parameters set."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rekey-AuthorizerFunction-1A2B3C"
    return example_api.load_example(EXAMPLE, **{"AuthorizerArn": arn, **parameters})


class GuardedApi(ExampleApi):
    """`authorize` is Rekey's authorizer; `monotonic` tells the seconds its answers are kept."""

    def __init__(self, template: Template, authorize: Handler, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(EXAMPLE, template)
        identity = authorizer_of(template)["Identity"]
        self._header = identity["Headers"][0].lower()
        self._kept_for = int(identity["ReauthorizeEvery"])
        self._authorize, self._monotonic = authorize, monotonic
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def _judge(self, _route: dict[str, Any], received: Received, event: dict[str, Any]) -> dict[str, Any] | Sent:
        """Without its header a request is refused unasked; a no is 403, a fault of the authorizer 500."""
        identity = received.header(self._header)
        if not identity:
            return message(HTTPStatus.UNAUTHORIZED)
        answer = self._ask(identity, event)
        return {"lambda": answer["context"]} if answer["isAuthorized"] else message(HTTPStatus.FORBIDDEN)

    def _ask(self, identity: str, event: dict[str, Any]) -> dict[str, Any]:
        """The authorizer's word, or what it said of the same header a short while ago: a no is kept like a yes."""
        now = self._monotonic()
        if identity in self._kept and now < self._kept[identity][0]:
            return self._kept[identity][1]
        answer = self._authorize({**event, "type": "REQUEST", "identitySource": [identity]}, None)
        self._kept[identity] = now + self._kept_for, answer
        return answer


def _guarded(parameters: dict[str, str]) -> tuple[ExampleApi, str]:
    """examples/guarded-api, and the path of its route."""
    os.environ |= {
        **load_template().environment("authorizer"),
        "AWS_ENDPOINT_URL": f"http://localhost:{os.environ.get('AWS_PORT', '4566')}",
        "AWS_ACCESS_KEY_ID": "local",  # no credential of the machine is used
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
    }
    return GuardedApi(load_example(**parameters), importlib.import_module("authorizer").lambda_handler), "/who"


def _with_jwts(parameters: dict[str, str]) -> tuple[ExampleApi, str]:
    """examples/jwt-authorizer-api, and the path of its route."""
    issuer = f"http://localhost:{os.environ.get('PORT') or 3000}"
    return JwtApi({"Issuer": issuer, **parameters}), "/orders"


def main(arguments: list[str]) -> None:
    """Until it is interrupted."""
    make = {EXAMPLE: _guarded, "jwt-authorizer-api": _with_jwts}[os.environ.get("EXAMPLE") or EXAMPLE]
    api, path = make(dict(argument.split("=", 1) for argument in arguments))
    server = Server("127.0.0.1", int(os.environ.get("GUARDED_PORT") or PORT))
    server.answering = api.answer
    server.start()
    print(f"The guarded API: http://localhost:{server.port}{path}", flush=True)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
