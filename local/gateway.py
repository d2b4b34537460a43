"""API Gateway's HTTP API on this machine: the template's routes, events of payload 2.0, CORS as it does it."""

from __future__ import annotations

import base64
import time
import urllib.parse
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from local import signatures
from local.cors import Cors
from local.lambdas import Lambdas
from local.server import Received, Sent, message
from local.template import ACCOUNT, Template

OtherPages = Callable[[Received], Sent | None]


class Gateway:
    """What the template does not route by its path, `other_pages` may answer, or else the route that takes the rest."""

    def __init__(self, template: Template, lambdas: Lambdas, other_pages: OtherPages) -> None:
        self._routes = template.routes()
        self._signed = template.signed_routes()
        self._cors = Cors(template)
        self._lambdas = lambdas
        self._other_pages = other_pages

    def answer(self, received: Received) -> Sent:
        """One request, and one line about it: never its query, headers or body."""
        started = time.monotonic()
        sent = self._route(received)
        if not received.path.startswith("/_local/"):
            path = "".join(filter(str.isprintable, received.path))
            print(f"{received.method} {path} {sent.status} {(time.monotonic() - started) * 1000:.0f} ms", flush=True)
        return sent

    def _route(self, received: Received) -> Sent:
        if preflight := self._cors.preflight(received):
            return preflight
        key = self._key_of(received)
        if key in self._signed:
            caller = signatures.find_caller(received)
            return self._integrate(key, received, caller) if caller else message(HTTPStatus.FORBIDDEN)
        if key in self._routes:
            return self._integrate(key, received)
        if other := self._other_pages(received):
            return other
        rest = f"{received.method} /{{proxy+}}"
        if rest in self._routes and received.path != "/":
            return self._integrate(rest, received)
        return message(HTTPStatus.NOT_FOUND)

    def _key_of(self, received: Received) -> str:
        """The route itself, or else the one that takes any last part (`GET /assets/{name}`); `/{proxy+}` comes last."""
        key = f"{received.method} {received.path}"
        folder, _, last = key.rpartition("/")
        return key if key in self._routes or not last else f"{folder}/{{name}}"

    def _integrate(self, key: str, received: Received, caller: dict[str, Any] | None = None) -> Sent:
        request_id = str(uuid.uuid4())
        event = event_of(key, received, request_id, datetime.now(UTC))
        if caller:
            event["requestContext"]["authorizer"] = {"iam": caller}
        answer = self._lambdas.invoke(self._routes[key], event)
        body = answer.get("body") or ""
        # CORS headers of the function's own are dropped where CORS is configured, as API Gateway does.
        headers = [
            (name, str(value))
            for name, value in answer.get("headers", {}).items()
            if not (self._cors.configuration and name.lower().startswith("access-control-"))
        ]
        headers += [("Set-Cookie", cookie) for cookie in answer.get("cookies", ())]
        headers += [("Apigw-Requestid", request_id), *self._cors.headers(received.header("origin"))]
        raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        return Sent(answer["statusCode"], headers, raw)


def event_of(key: str, received: Received, request_id: str, at: datetime) -> dict[str, Any]:
    """The request as the function gets it (payload 2.0). The address is the socket's: a header cannot set it."""
    names = dict.fromkeys(name for name, _ in received.headers if name != "cookie")
    headers = {name: received.header(name) for name in names}
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{forwarded}, {received.peer}" if forwarded else received.peer
    headers["x-forwarded-proto"] = "http"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": received.path,
        "rawQueryString": received.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": headers.get("host", ""),
            "domainPrefix": "local",
            "http": {
                "method": received.method,
                "path": received.path,
                "protocol": "HTTP/1.1",
                "sourceIp": received.peer,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": key,
            "stage": "$default",
            "time": f"{at:%d/%b/%Y:%H:%M:%S} +0000",
            "timeEpoch": int(at.timestamp() * 1000),
        },
        **_body(received),
    }
    if cookies := [pair.strip() for pair in received.header("cookie").split(";") if pair.strip()]:
        event["cookies"] = cookies
    if received.query:
        event["queryStringParameters"] = _joined(received.query)
    return event


def _joined(query: str) -> dict[str, str]:
    parsed = urllib.parse.parse_qs(query, keep_blank_values=True)
    return {name: ",".join(values) for name, values in parsed.items()}


def _body(received: Received) -> dict[str, Any]:
    """Text as it is; all else, forms too, in base64."""
    if not received.body:
        return {"isBase64Encoded": False}
    media_type = received.header("content-type").partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in {
        "",
        "application/json",
        "application/xml",
        "application/javascript",
    }:
        try:
            return {"body": received.body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass  # not the text it says it is
    return {"body": base64.b64encode(received.body).decode(), "isBase64Encoded": True}
