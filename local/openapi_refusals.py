"""The refusals of docs/openapi.json: what a route may refuse with, by status, and what each looks like."""

from __future__ import annotations

from itertools import groupby
from typing import Any, get_args, get_type_hints

from rekey.api.errors import (
    BodyTooLargeError,
    CrossSiteRequestError,
    InputError,
    InternalError,
    MalformedBodyError,
    OAuthError,
    RekeyError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)
from rekey.api.http import Form, Route

EVERYWHERE = (CrossSiteRequestError, ServiceUnavailableError, InternalError)
WITH_BODY = (MalformedBodyError, BodyTooLargeError, UnsupportedMediaTypeError)
WITH_FORM = (BodyTooLargeError,)

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "clock_offset": {"type": "integer", "description": "Seconds by which the clock of the device is off"},
    },
}
OAUTH_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}
_HEADERS = (
    (UnauthorizedError, "WWW-Authenticate"),
    (TooManyRequestsError, "Retry-After"),
    (ServiceUnavailableError, "Retry-After"),
)


def refusals(route: Route) -> tuple[type[RekeyError], ...]:
    """What a route may refuse with: what it declares, and what any route of its kind may."""
    if route.body is None:
        return route.refuses + EVERYWHERE
    return route.refuses + (WITH_FORM if issubclass(route.body, Form) else WITH_BODY) + EVERYWHERE


def responses(route: Route) -> dict[str, Any]:
    """One response a status."""
    refused = sorted(refusals(route), key=lambda each: (each.status, each.code))
    return {
        str(int(status)): _response(list(each), route) for status, each in groupby(refused, lambda each: each.status)
    }


def schemas() -> dict[str, Any]:
    """What the responses refer to, by name."""
    problems = {_name(each): _input_problem(each) for each in input_errors()}
    return {"Problem": PROBLEM, **problems, "OAuthError": OAUTH_ERROR}


def input_errors() -> list[type[InputError]]:
    """The refusals that say of a field what is wrong with it."""
    return InputError.__subclasses__()


def field_codes(refusal: type[InputError]) -> tuple[str, ...]:
    """What such a refusal can say of a field."""
    return get_args(get_type_hints(refusal.__init__)["codes"])


def _response(refused: list[type[RekeyError]], route: Route) -> dict[str, Any]:
    """The refusals of one status, which have one form, by code, each with what it means."""
    (media_type,) = {_media_type(each) for each in refused}
    names = dict.fromkeys(_name(each) for each in refused)
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    content = {
        "schema": references[0] if len(references) == 1 else {"anyOf": references},
        "examples": {each.code: {"summary": each.title, "value": _example(each, route)} for each in refused},
    }
    headers = [name for kind, name in _HEADERS if any(issubclass(each, kind) for each in refused)]
    return {
        "description": " ".join(f"`{each.code}`: {each.title}" for each in refused),
        "content": {media_type: content},
        **({"headers": {name: {"schema": {"type": "string"}} for name in headers}} if headers else {}),
    }


def _media_type(refusal: type[RekeyError]) -> str:
    return "application/json" if issubclass(refusal, OAuthError) else "application/problem+json"


def _name(refusal: type[RekeyError]) -> str:
    if issubclass(refusal, OAuthError):
        return "OAuthError"
    return f"{refusal.__name__.removesuffix('Error')}Problem" if issubclass(refusal, InputError) else "Problem"


def _input_problem(refusal: type[InputError]) -> dict[str, Any]:
    code = {"type": "string", "enum": list(field_codes(refusal))}
    error = {"type": "object", "required": ["field", "code"], "properties": {"field": {"type": "string"}, "code": code}}
    own = {"code": {"const": refusal.code}, "errors": {"type": "array", "items": error}}
    return {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "required": ["errors"], "properties": own},
        ]
    }


def _example(refusal: type[RekeyError], route: Route) -> dict[str, Any]:
    if issubclass(refusal, OAuthError):
        return {"error": refusal.code, "error_description": refusal.title}
    problem = {"type": f"urn:rekey:problem:{refusal.code}", "title": refusal.title, "code": refusal.code}
    if issubclass(refusal, InputError) and route.body:
        field, code = route.body.__struct_fields__[-1], field_codes(refusal)[0]  # a new password is the last of a body
        return {**problem, "status": int(refusal.status), "errors": [{"field": field, "code": code}]}
    return {**problem, "status": int(refusal.status)}
