"""docs/openapi.json, drawn from the routes as the functions declare them: `make openapi` writes, a test compares."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from http import HTTPStatus
from typing import Any

import msgspec

from local import openapi_refusals
from local.template import load_template
from rekey.api.errors import AuthenticationRequiredError, IamRequiredError
from rekey.api.http import Json, Route

INFO = {
    "title": "Rekey",
    "version": "1",
    "summary": "Account security: sign-up, sign-in, passwords, two-factor sign-in, sessions",
    "description": "Refusals are problem+json (RFC 9457) with a stable `code`; those of OAuth, RFC 6749 §5.2's form."
    " What is no route is answered 404, `not_found`."
    " Every answer says `Cache-Control: no-store`. Times are ISO 8601 in UTC, durations seconds.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
SESSION = {"type": "http", "scheme": "bearer", "description": "An access token"}
# API Gateway's own extension says the rest: OpenAPI has no scheme for Signature Version 4.
IAM = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "AWS Signature Version 4, service execute-api; without it API Gateway answers 403 by itself",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def routes() -> dict[str, tuple[str, Route]]:
    """Route key to the function that serves it and the route as declared, in the order of the template.

    The hosted pages declare none: they are files.
    """
    found = {}
    for key, function in load_template().routes().items():
        for each in vars(importlib.import_module(function)).values():
            if isinstance(each, Route) and each.key == key:
                found[key] = (function, each)
    return found


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    declared = routes()
    bodies = [route.body for _, route in declared.values() if route.body]
    answers = [answer for _, route in declared.values() for answer in route.answers]
    _, components = msgspec.json.schema_components([*bodies, *answers], ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for key, (function, route) in declared.items():
        method, path = key.split()
        paths.setdefault(path, {})[method.lower()] = _operation(function, route)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "paths": paths,
        "components": {
            "schemas": {**components, **openapi_refusals.schemas()},
            "securitySchemes": {"session": SESSION, "iam": IAM},
        },
    }


def _operation(function: str, route: Route) -> dict[str, Any]:
    told = inspect.getdoc(route.flow) or ""
    operation: dict[str, Any] = {
        "operationId": route.flow.__name__,
        "tags": [function],
        "summary": told.partition("\n")[0],
        "responses": {str(int(route.status)): _success(route), **openapi_refusals.responses(route)},
    }
    if AuthenticationRequiredError in route.refuses:
        operation["security"] = [{"session": []}]
    if IamRequiredError in route.refuses:
        operation["security"] = [{"iam": []}]
    if route.body:
        media_type = "application/json" if issubclass(route.body, Json) else "application/x-www-form-urlencoded"
        operation["requestBody"] = {"required": True, "content": {media_type: {"schema": _schema(route.body)}}}
    return operation


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return schema


def _success(route: Route) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.answers:
        schemas = [_schema(kind) for kind in route.answers]
        answer["content"] = {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    return answer


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
