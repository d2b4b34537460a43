"""docs/openapi.json, drawn from the routes as the functions declare them: `make openapi` writes, a test compares."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from functools import cache
from http import HTTPStatus
from typing import Any

from local import openapi_refusals, openapi_schemas
from local.openapi_schemas import Schema, reference
from local.run import PORT
from local.template import load_template
from rekey.api.bodies import FORM
from rekey.api.errors import AuthenticationRequiredError, IamRequiredError
from rekey.api.http import Json, Route

INFO = {
    "title": "Rekey",
    "version": "1",
    "summary": "Account security: sign-up, sign-in, passwords, two-factor sign-in, sessions",
    "description": "Refusals are problem+json (RFC 9457) with a stable `code`; OAuth's have RFC 6749 §5.2's form."
    " What API Gateway itself refuses is `application/json` with a `message` and no `code`."
    " What is no route is answered 404, `not_found`."
    " Every answer but those under `/.well-known` says `Cache-Control: no-store`."
    " Times are ISO 8601 in UTC, durations seconds.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
HOST = {
    "default": "api-id.execute-api.eu-west-1.amazonaws.com",
    "description": "The host in the stack's output `ApiUrl`",
}
SERVERS = [
    {"url": "https://{host}", "description": "A stack of yours", "variables": {"host": HOST}},
    {"url": f"http://localhost:{PORT}", "description": "`make run`"},
]
SESSION = {"type": "http", "scheme": "bearer", "description": "An access token"}
# API Gateway's own extension says the rest: OpenAPI has no scheme for Signature Version 4.
IAM = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "AWS Signature Version 4, service execute-api; without it API Gateway itself answers 403",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
# Each with what its calls are about and how their paths begin.
TAGS = {
    "Passwords": ("Change a password, or reset a forgotten one", ("/change", "/forgot", "/reset")),
    "Two-factor sign-in": ("Codes of an authenticator app, and recovery codes", ("/totp/", "/reauthenticate")),
    "Tokens": ("Refresh, revoke, introspect", ("/revoke-tokens", "/oauth/")),
    "Discovery": ("What applications find out by themselves", ("/.well-known/",)),
    "Sign-up and sign-in": ("From an email address to a session", ("/sign-up", "/sign-in")),
    "Account": ("What its owner sees of it", ("/account", "/devices/", "/applications/", "/email/")),
    "Admin": ("For admins, signed with IAM credentials", ("/admin/",)),
}


def routes() -> dict[str, tuple[str, Route]]:
    """Route key to the function that serves it and the route as declared, in the order of the template.

    The hosted pages declare none: they are files. HEAD of a route goes without saying.
    """
    found = {}
    for key, function in load_template().routes().items():
        for each in vars(importlib.import_module(function)).values():
            if isinstance(each, Route) and each.key == key:
                found[key] = (function, each)
    return found


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for key, (_, route) in routes().items():
        method, path = key.split()
        paths.setdefault(path, {})[method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": SERVERS,
        "tags": [{"name": name, "description": told} for name, (told, _) in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {**schemas(), **openapi_refusals.schemas()},
            "securitySchemes": {"session": SESSION, "iam": IAM},
        },
    }


@cache
def schemas() -> dict[str, Schema]:
    """Of all bodies and answers, by name."""
    declared = [route for _, route in routes().values()]
    bodies = [route.body for route in declared if route.body]
    return openapi_schemas.components(bodies, [answer for route in declared for answer in route.answers])


def told(route: Route) -> tuple[str, str]:
    """A summary, which is an imperative without a full stop, and what there is to say beyond it."""
    summary, _, more = (inspect.getdoc(route.flow) or "").partition("\n\n")
    return summary.removesuffix("."), " ".join(more.split())


def tag(key: str) -> str:
    """The group of a call."""
    path = key.split()[1]
    return next(name for name, (_, beginnings) in TAGS.items() if path.startswith(beginnings))


def may_be_left_out(route: Route) -> bool:
    """Whether a call needs no body at all, as it needs no field."""
    if route.body is None:
        return True
    schema = schemas()[route.body.__name__]
    return "oneOf" not in schema and not schema["required"]


def _operation(route: Route) -> dict[str, Any]:
    summary, more = told(route)
    operation: dict[str, Any] = {
        "operationId": _id(route.key),
        "tags": [tag(route.key)],
        "summary": summary,
        **({"description": more} if more else {}),
        "security": _security(route),
        "responses": {
            str(int(route.status)): _success(route),
            **({"303": {"description": "Of a form: the page, with the same parameters"}} if route.has_page else {}),
            **openapi_refusals.responses(route),
        },
    }
    if route.query:
        operation["parameters"] = openapi_schemas.parameters(route.query)
    if route.body:
        media_type = "application/json" if issubclass(route.body, Json) else FORM
        content = {media_type: {"schema": reference(route.body.__name__)}}
        if route.has_page:
            content[FORM] = {"schema": {"type": "object", "description": "The query of the page, as a form"}}
        operation["requestBody"] = {"required": not may_be_left_out(route), "content": content}
    return operation


def _id(key: str) -> str:
    """`signUpComplete` for `POST /sign-up/complete`, `getAccount` for `GET /account`: the path's, so it is unique."""
    method, path = key.split()
    words: list[str] = [*([] if method == "POST" else [method.lower()]), *re.findall("[a-z]+", path)]
    return words[0] + "".join(map(str.capitalize, words[1:]))


def _security(route: Route) -> list[dict[str, list[str]]]:
    if IamRequiredError in route.refuses:
        return [{"iam": []}]
    return [{"session": []}] if AuthenticationRequiredError in route.refuses else []


def _success(route: Route) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.answers:
        kinds = [reference(kind.__name__) for kind in route.answers]
        answer["content"] = {"application/json": {"schema": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}}}
    return answer


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
