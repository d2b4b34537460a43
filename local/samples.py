"""events/<function>.json of each function that serves routes of the API: one request that the demo account can send.

`make documents` writes them, a test compares. Those of the other functions are written by hand.
"""

from __future__ import annotations

import json
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from local import openapi, signatures
from local.demo_account import (
    ACCESS_TOKEN,
    ACCOUNT_ID,
    CHALLENGE_TOKEN,
    DEVICE_ID,
    EMAIL,
    OTHER_RECOVERY_CODE,
    PASSWORD,
    PROTECTED_ACCESS_TOKEN,
    PROTECTED_EMAIL,
    RECOVERY_CODE,
    REFRESH_TOKEN,
    RESET_TOKEN,
)
from local.gateway import event_of
from local.server import Received
from local.template import ROOT
from rekey.api.errors import AuthenticationRequiredError, IamRequiredError, SignInRequiredError
from rekey.api.http import Form, Json, Route

EVENTS = ROOT / "events"
HERE = "local/samples.py"
NEW_PASSWORD = "Brave-New-Otter-42"
REASON = "Ticket 4711"

# What cannot be told from a body's fields. A route that is not here sends the first of the `examples` of each field
# that it needs. A function with several routes has its sample of the one that is here, or else of the first.
BODIES: dict[str, dict[str, Any]] = {
    "POST /change": {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
    "POST /forgot": {"email": PROTECTED_EMAIL},  # a link to the other account would void the one of /reset
    "POST /reset": {"token": str(RESET_TOKEN), "new_password": NEW_PASSWORD},
    "POST /reauthenticate": {"password": PASSWORD, "recovery_code": RECOVERY_CODE},
    "POST /sign-up": {"email": "grace@example.com"},
    "POST /sign-in": {"email": EMAIL, "password": PASSWORD},
    "POST /sign-in/totp": {"challenge_token": str(CHALLENGE_TOKEN), "recovery_code": OTHER_RECOVERY_CODE},
    "POST /oauth/token": {"grant_type": "refresh_token", "refresh_token": str(REFRESH_TOKEN)},
    "POST /oauth/introspect": {"token": str(ACCESS_TOKEN)},
    "POST /revoke-tokens": {"scope": "others"},
    "POST /oauth/authorize": {
        "client_id": "demo-native",
        "redirect_uri": "http://127.0.0.1:49152/signed-in",
        "response_type": "code",
        "scope": "openid email",
        "state": "af0ifjsldkj",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636 appendix B
        "code_challenge_method": "S256",
    },
    "POST /oauth/logout": {"client_id": "demo-web", "confirmed": True},
    "POST /applications/withdraw": {"client_id": "demo-web"},
    "POST /devices/forget": {"device_id": DEVICE_ID},
    "POST /admin/clients/add": {
        "client_id": "orders",
        "name": "Orders",
        "type": "web",
        "redirect_uris": ["https://orders.example.com/signed-in"],
        "reason": REASON,
    },
    "POST /admin/find": {"email": EMAIL},
    "POST /admin/unlock": {"email": EMAIL, "reason": REASON},
    "POST /admin/delete": {"account_id": ACCOUNT_ID, "reason": REASON, "confirm": True},
}
# What only the account with a second factor can do.
OF_PROTECTED = {"POST /reauthenticate", "POST /totp/disable", "POST /totp/recovery-codes"}


class NoExampleError(Exception):
    """A route needs a field of which nothing says what could be sent."""


def documents() -> dict[Path, str]:
    """What each file is to hold. Raises NoExampleError."""
    routes = openapi.routes()
    chosen = {function: key for key, (function, _) in reversed(routes.items())}
    chosen |= {routes[key][0]: key for key in BODIES}
    events = {function: _event(routes[key][1]) for function, key in chosen.items()}
    return {EVENTS / f"{function}.json": json.dumps(event, indent=2) + "\n" for function, event in events.items()}


def write() -> None:
    for path, text in documents().items():
        path.write_text(text, "utf-8")


def _event(route: Route) -> dict[str, Any]:
    """As API Gateway hands such a request to the function."""
    method, path = route.key.split()
    body = _body(route)
    headers = {"accept": "*/*", "host": "api.example.com", "user-agent": "curl/8.14.1"}
    if {AuthenticationRequiredError, SignInRequiredError}.intersection(route.refuses):
        headers["authorization"] = f"Bearer {PROTECTED_ACCESS_TOKEN if route.key in OF_PROTECTED else ACCESS_TOKEN}"
    if route.body:
        media_type = "json" if issubclass(route.body, Json) else "x-www-form-urlencoded"
        headers |= {"content-length": str(len(body)), "content-type": f"application/{media_type}"}
    received = Received(method, path, "", [*headers.items()], body, "198.51.100.7")
    event = event_of(route.key, received, "SKkVxhgSDoEEMiw=", datetime(2026, 11, 21, 12, tzinfo=UTC))
    if IamRequiredError in route.refuses:
        event["requestContext"]["authorizer"] = {"iam": signatures.IDENTITY}
    return event


def _body(route: Route) -> bytes:
    if not route.body:
        return b""
    fields = BODIES.get(route.key) or _examples(route.key, route.body)
    return (json.dumps(fields) if issubclass(route.body, Json) else urllib.parse.urlencode(fields)).encode()


def _examples(key: str, kind: type[Json | Form]) -> dict[str, Any]:
    """Of each field that the body needs, the first of the examples that docs/openapi.json has of it."""
    schema = msgspec.json.schema_components([kind])[1][kind.__name__]
    return {name: _example(key, name, schema["properties"][name]) for name in schema.get("required", ())}


def _example(key: str, name: str, schema: dict[str, Any]) -> Any:
    for each in (schema, *schema.get("anyOf", ())):
        if "examples" in each:
            return each["examples"][0]
    raise NoExampleError(
        f"{key}: give its field `{name}` `examples` where it is declared, or the route a body in {HERE}"
    )


if __name__ == "__main__":
    write()
