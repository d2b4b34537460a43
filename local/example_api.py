"""The routes of an example's template, as API Gateway has them. Who is let in, a kind of authorizer judges."""

from __future__ import annotations

import runpy
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from local.cors import Cors
from local.gateway import event_of
from local.server import Received, Sent, message
from local.template import ROOT, Template, load_template

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def folder(example: str) -> Path:
    return ROOT / "examples" / example


def load_example(example: str, **parameters: str) -> Template:
    """An example with its parameters set. Raises ParameterError."""
    return load_template(parameters, folder(example) / "template.yaml")


class ExampleApi(ABC):
    """Its functions are read from the files beside the template."""

    def __init__(self, example: str, template: Template) -> None:
        self._cors = Cors(template)
        self._handlers: dict[str, Handler] = {}
        self._routes: dict[str, dict[str, Any]] = {}
        for properties in template.resources("AWS::Serverless::Function").values():
            module, _, name = properties["Handler"].partition(".")
            handler = runpy.run_path(str(folder(example) / properties["CodeUri"] / f"{module}.py"))[name]
            for event in properties["Events"].values():
                route = template.resolve(event["Properties"])
                key = f"{route['Method']} {route['Path']}"
                self._handlers[key], self._routes[key] = handler, route

    def answer(self, received: Received) -> Sent:
        """A browser's preflight carries no token, and is answered before anything is judged."""
        if preflight := self._cors.preflight(received):
            return preflight
        sent = self._answer(received)
        return Sent(sent.status, [*sent.headers, *self._cors.headers(received.header("origin"))], sent.body)

    def _answer(self, received: Received) -> Sent:
        key = f"{received.method} {received.path}"
        if key not in self._handlers:
            return message(HTTPStatus.NOT_FOUND)
        event = event_of(key, received, "local", datetime.now(UTC))
        judged = self._judge(self._routes[key], received, event)
        if isinstance(judged, Sent):
            return judged
        event["requestContext"]["authorizer"] = judged
        answered = self._handlers[key](event, None)
        return Sent(answered["statusCode"], [*answered["headers"].items()], answered["body"].encode())

    @abstractmethod
    def _judge(self, route: dict[str, Any], received: Received, event: dict[str, Any]) -> dict[str, Any] | Sent:
        """What the function is told of the caller, or the refusal."""


def authorizer_of(template: Template) -> dict[str, Any]:
    """The example's one authorizer, as its template describes it."""
    (api,) = template.resources("AWS::Serverless::HttpApi").values()
    found: dict[str, Any] = template.resolve(api)["Auth"]["Authorizers"][api["Auth"]["DefaultAuthorizer"]]
    return found
