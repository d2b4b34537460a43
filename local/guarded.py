"""Serves examples/guarded-api, as API Gateway would, behind the authorizer of what `AWS_PORT=4566 make run` runs.

python -m local.guarded [AuthorizerCache=60]
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from local.cors import Cors
from local.gateway import event_of
from local.server import Received, Sent, Server, message
from local.template import ACCOUNT, REGION, ROOT, Template, load_template

EXAMPLE = ROOT / "examples/guarded-api/template.yaml"
PORT = 3001  # GUARDED_PORT moves it: PORT is where Rekey itself is
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def load_example(**parameters: str) -> Template:
    """The example with its parameters set."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rekey-AuthorizerFunction-1A2B3C"
    return load_template({"AuthorizerArn": arn, **parameters}, EXAMPLE)


class GuardedApi:
    """The example's routes. `authorize` is Rekey's authorizer; `monotonic` tells the seconds its answers are kept."""

    def __init__(self, template: Template, authorize: Handler, monotonic: Callable[[], float] = time.monotonic) -> None:
        (api,) = template.resources("AWS::Serverless::HttpApi").values()
        guard = template.resolve(api)["Auth"]["Authorizers"][api["Auth"]["DefaultAuthorizer"]]
        self._header = guard["Identity"]["Headers"][0].lower()
        self._kept_for = int(guard["Identity"]["ReauthorizeEvery"])
        self._handlers = dict(_routes(template))
        self._cors = Cors(template)
        self._authorize, self._monotonic = authorize, monotonic
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def answer(self, received: Received) -> Sent:
        """Without its header a request is refused unasked; a no is 403, a fault of the authorizer 500.

        A browser's preflight carries no header, and is answered before the authorizer is asked.
        """
        if preflight := self._cors.preflight(received):
            return preflight
        sent = self._route(received)
        return Sent(sent.status, [*sent.headers, *self._cors.headers(received.header("origin"))], sent.body)

    def _route(self, received: Received) -> Sent:
        key = f"{received.method} {received.path}"
        if key not in self._handlers:
            return message(HTTPStatus.NOT_FOUND)
        identity = received.header(self._header)
        if not identity:
            return message(HTTPStatus.UNAUTHORIZED)
        event = event_of(key, received, "local", datetime.now(UTC))
        answer = self._ask(identity, event)
        if not answer["isAuthorized"]:
            return message(HTTPStatus.FORBIDDEN)
        event["requestContext"]["authorizer"] = {"lambda": answer["context"]}
        answered = self._handlers[key](event, None)
        return Sent(answered["statusCode"], [*answered["headers"].items()], answered["body"].encode())

    def _ask(self, identity: str, event: dict[str, Any]) -> dict[str, Any]:
        """The authorizer's word, or what it said of the same header a short while ago: a no is kept like a yes."""
        now = self._monotonic()
        if identity in self._kept and now < self._kept[identity][0]:
            return self._kept[identity][1]
        answer = self._authorize({**event, "type": "REQUEST", "identitySource": [identity]}, None)
        self._kept[identity] = now + self._kept_for, answer
        return answer


def _routes(template: Template) -> list[tuple[str, Handler]]:
    """Route key to handler, read from the file beside the template that Handler names."""
    found = []
    for properties in template.resources("AWS::Serverless::Function").values():
        module, _, name = properties["Handler"].partition(".")
        handler = runpy.run_path(str(EXAMPLE.parent / properties["CodeUri"] / f"{module}.py"))[name]
        routes = [event["Properties"] for event in properties["Events"].values()]
        found += [(f"{route['Method']} {route['Path']}", handler) for route in routes]
    return found


def main(arguments: list[str]) -> None:
    """Until it is interrupted."""
    os.environ |= {
        **load_template().environment("authorizer"),
        "AWS_ENDPOINT_URL": f"http://localhost:{os.environ.get('AWS_PORT', '4566')}",
        "AWS_ACCESS_KEY_ID": "local",  # no credential of the machine is used
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
    }
    parameters = dict(argument.split("=", 1) for argument in arguments)
    api = GuardedApi(load_example(**parameters), importlib.import_module("authorizer").lambda_handler)
    server = Server("127.0.0.1", int(os.environ.get("GUARDED_PORT") or PORT))
    server.answering = api.answer
    server.start()
    print(f"The guarded API: http://localhost:{server.port}/who", flush=True)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
