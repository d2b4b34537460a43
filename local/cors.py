"""CORS as an HTTP API does it: it answers preflights itself, before any authorizer, and adds headers to answers."""

from __future__ import annotations

from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

from local.server import Received, Sent
from local.template import Template


class Cors:
    """A template's CorsConfiguration; without one, nothing is allowed."""

    def __init__(self, template: Template) -> None:
        (api,) = template.resources("AWS::Serverless::HttpApi").values()
        self.configuration: dict[str, Any] = template.resolve(api.get("CorsConfiguration", {}))

    def preflight(self, received: Received) -> Sent | None:
        """The answer to a preflight; None to what is none."""
        if received.method != "OPTIONS" or not received.header("access-control-request-method"):
            return None
        headers = self.headers(received.header("origin"))
        if headers:
            headers += [
                ("Access-Control-Allow-Methods", ",".join(self.configuration.get("AllowMethods", []))),
                ("Access-Control-Allow-Headers", ",".join(self.configuration.get("AllowHeaders", [])).lower()),
                ("Access-Control-Max-Age", str(self.configuration.get("MaxAge", 0))),
            ]
        return Sent(HTTPStatus.NO_CONTENT, headers)

    def headers(self, origin: str) -> list[tuple[str, str]]:
        """For an answer; none for an origin that is not listed."""
        allowed = self.configuration.get("AllowOrigins", [])
        if not origin or not any(fnmatchcase(origin, pattern) for pattern in allowed):
            return []
        headers = [("Access-Control-Allow-Origin", "*" if "*" in allowed else origin)]
        if "ExposeHeaders" in self.configuration:
            headers.append(("Access-Control-Expose-Headers", ",".join(self.configuration["ExposeHeaders"])))
        if self.configuration.get("AllowCredentials"):
            headers.append(("Access-Control-Allow-Credentials", "true"))
        return headers
