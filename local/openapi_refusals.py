"""The refusals of docs/openapi.json: what a route may refuse with, by status, and what each looks like."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, get_args, get_type_hints

from local.openapi_schemas import Schema, choice, reference
from rekey.api.errors import (
    BodyTooLargeError,
    CrossSiteRequestError,
    IamRequiredError,
    InputError,
    InsufficientScopeError,
    InternalError,
    InvalidClientError,
    MalformedBodyError,
    OAuthError,
    RekeyError,
    ServiceUnavailableError,
    SigningKeysTurningError,
    TooManyRequestsError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)
from rekey.api.http import Form, Route

EVERYWHERE = (CrossSiteRequestError, ServiceUnavailableError, InternalError)
WITH_BODY = (MalformedBodyError, BodyTooLargeError, UnsupportedMediaTypeError)
WITH_FORM = (BodyTooLargeError,)

# What API Gateway answers by itself: no credentials that IAM allows, 10 MB, the throttle, a function that fails or is
# throttled. Whatever else it knows (404 for a route that is not there) is no answer of a route.
GATEWAY_ANYWHERE = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:rekey:problem:too_many_requests"]},
        "title": {"type": "string", "description": "For developers, in English"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable: what a client acts upon"},
        "until": {"type": "string", "format": "date-time", "description": "When it is over"},
        "clock_offset": {"type": "integer", "description": "Seconds by which the clock of the device is off"},
        "reason": {"type": "string", "description": "Why the person has to sign in"},
        "asked_at": {"type": "integer", "description": "Seconds since 1970; send it back as `page.since`"},
        "client_name": {"type": "string", "description": "The application's name"},
        "login_hint": {"type": "string", "description": "The address with which the application expects a sign-in"},
        "ui_locales": {"type": "string", "description": "The languages that the application asks for"},
        "enrolled": {"type": "boolean", "description": "Whether two-factor sign-in is on"},
        "scopes": {"type": "array", "items": {"type": "string"}, "description": "What the application asks for"},
        "email": {"type": "string", "description": "The address of the account"},
    },
}
OAUTH_ERROR: Schema = {
    "type": "object",
    "description": "RFC 6749 §5.2",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}
GATEWAY_ANSWER: Schema = {
    "type": "object",
    "description": "A refusal of API Gateway itself",
    "properties": {"message": {"type": "string"}},
}
_HEADERS = (
    (UnauthorizedError, "WWW-Authenticate"),
    (InsufficientScopeError, "WWW-Authenticate"),
    (InvalidClientError, "WWW-Authenticate"),
    (TooManyRequestsError, "Retry-After"),
    (SigningKeysTurningError, "Retry-After"),
    (ServiceUnavailableError, "Retry-After"),
)


def refusals(route: Route) -> tuple[type[RekeyError], ...]:
    """What a route may refuse with: what it declares, and what any route of its kind may."""
    if route.body is None:
        return route.refuses + EVERYWHERE
    return route.refuses + (WITH_FORM if issubclass(route.body, Form) else WITH_BODY) + EVERYWHERE


def gateway_statuses(route: Route) -> set[HTTPStatus]:
    """With which API Gateway itself may answer a call, before the function is asked or in its place."""
    found = {*GATEWAY_ANYWHERE}
    if IamRequiredError in route.refuses:
        found.add(HTTPStatus.FORBIDDEN)
    return found if route.body is None else found | {HTTPStatus.REQUEST_ENTITY_TOO_LARGE}


def responses(route: Route) -> dict[str, Any]:
    """One response a status."""
    by_status: dict[HTTPStatus, list[type[RekeyError]]] = {status: [] for status in gateway_statuses(route)}
    for each in sorted(refusals(route), key=lambda each: each.code):
        by_status.setdefault(each.status, []).append(each)
    return {str(int(status)): _response(status, by_status[status], route) for status in sorted(by_status)}


def schemas() -> dict[str, Schema]:
    """What the responses refer to, by name."""
    problems = {_name(each): _input_problem(each) for each in input_errors()}
    return {"Problem": PROBLEM, **problems, "OAuthError": OAUTH_ERROR, "GatewayAnswer": GATEWAY_ANSWER}


def input_errors() -> list[type[InputError]]:
    """The refusals that say of a field what is wrong with it."""
    return InputError.__subclasses__()


def field_codes(refusal: type[InputError]) -> tuple[str, ...]:
    """What such a refusal can say of a field."""
    return get_args(get_type_hints(refusal.__init__)["codes"])


def _response(status: HTTPStatus, refused: list[type[RekeyError]], route: Route) -> dict[str, Any]:
    """Answers with one status: the refusals by code, each with what it means, and API Gateway's own."""
    content = _content(refused, route) if refused else {}
    told = [f"`{each.code}`: {each.title}" for each in refused]
    if status in gateway_statuses(route):
        content["application/json"] = {"schema": reference("GatewayAnswer")}  # OAuth's own have none of these statuses
        told.append("Or API Gateway's own answer." if refused else "API Gateway's own answer.")
    headers = [name for kind, name in _HEADERS if any(issubclass(each, kind) for each in refused)]
    return {
        "description": " ".join(told),
        "content": content,
        **({"headers": {name: {"schema": {"type": "string"}} for name in headers}} if headers else {}),
    }


def _content(refused: list[type[RekeyError]], route: Route) -> dict[str, Any]:
    """Of one status, whose refusals have one form."""
    (media_type,) = {_media_type(each) for each in refused}
    names = dict.fromkeys(_name(each) for each in refused)
    references = [reference(name) for name in names]
    return {
        media_type: {
            "schema": references[0] if len(references) == 1 else {"anyOf": references},
            "examples": {each.code: {"summary": each.title, "value": _example(each, route)} for each in refused},
        }
    }


def _media_type(refusal: type[RekeyError]) -> str:
    return "application/json" if issubclass(refusal, OAuthError) else "application/problem+json"


def _name(refusal: type[RekeyError]) -> str:
    if issubclass(refusal, OAuthError):
        return "OAuthError"
    return f"{refusal.__name__.removesuffix('Error')}Problem" if issubclass(refusal, InputError) else "Problem"


def _input_problem(refusal: type[InputError]) -> Schema:
    """Whole, and not what it adds to a problem: openapi-python-client drops what narrows a member's type."""
    code = choice(field_codes(refusal))
    error = {"type": "object", "required": ["field", "code"], "properties": {"field": {"type": "string"}, "code": code}}
    own = {"code": {"type": "string", "const": refusal.code}, "errors": {"type": "array", "items": error}}
    shared = {name: each for name, each in PROBLEM["properties"].items() if name in PROBLEM["required"]}
    return {"type": "object", "required": [*PROBLEM["required"], "errors"], "properties": {**shared, **own}}


def _example(refusal: type[RekeyError], route: Route) -> dict[str, Any]:
    if issubclass(refusal, OAuthError):
        return {"error": refusal.code, "error_description": refusal.title}
    problem = {"type": f"urn:rekey:problem:{refusal.code}", "title": refusal.title, "code": refusal.code}
    if issubclass(refusal, InputError) and (taken := route.body or route.query):
        field, code = taken.__struct_fields__[-1], field_codes(refusal)[0]  # a new password is the last of a body
        return {**problem, "status": int(refusal.status), "errors": [{"field": field, "code": code}]}
    return {**problem, "status": int(refusal.status)}
