"""From an API Gateway event (payload 2.0) to a flow and back: the one place where refusals become answers.

Powertools' resolver and pydantic would do it too, at several times the cold start (docs/decisions/0002).
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from functools import cache, partial
from http import HTTPStatus
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from rekey import observability
from rekey.api import bodies, cookies, signers
from rekey.api.client import Client
from rekey.api.errors import (
    AuthenticationRequiredError,
    IamRequiredError,
    InternalError,
    InvalidRequestError,
    OAuthError,
    RekeyError,
    ServiceUnavailableError,
    UnsupportedMediaTypeError,
)

Event = dict[str, Any]
Answer = dict[str, Any]
Body = TypeVar("Body")

NOT_KEPT = "no-store"
_HEADERS = {
    "Cache-Control": NOT_KEPT,
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}


_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Json(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON body: what it does not name is refused (ASVS 15.3.3)."""

    one_of: ClassVar[tuple[str, ...]] = ()
    """Of these optional fields a request has exactly one."""


class Parameters(Json, forbid_unknown_fields=False, kw_only=True):
    """An application's parameters, as a page passes them on: what it does not name is ignored (RFC 6749 §3.1)."""


class Form(msgspec.Struct, kw_only=True):
    """A form of OAuth: what it does not name is ignored (RFC 6749 §3.2)."""


class Query(msgspec.Struct, kw_only=True):
    """The query of a GET: what it does not name is ignored."""


class Request(msgspec.Struct, Generic[Body], frozen=True):
    """What a flow is given."""

    read_body: Callable[[], Body]
    client: Client
    authorization: str
    issuer: str
    """The origin that the request came to, without a slash at the end: who issues tokens (RFC 8414 §2)."""
    kept: dict[str, str] | None = None
    """What a hosted page's cookies hold, by the names of the fields; None for any other client."""
    accept_language: str = ""
    caller: str | None = None
    """The IAM ARN that signed the request, as API Gateway's authorizer tells it; None without that authorizer."""
    query: Any = None
    """As the route declares it."""
    noted: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def body(self) -> Body:
        """The body, judged when a flow first asks for it, so a flow's own lines say what comes first.

        Where a route needs a session, it is: who is there (401), then the body (400, 413, 415, 422), then the rest.
        A caller without a session learns nothing of what the route takes.
        Raises MalformedBodyError, BodyTooLargeError, UnsupportedMediaTypeError, ValidationFailedError,
        InvalidRequestError.
        """
        return self.read_body()

    def bearer(self) -> str:
        """The access token: as a bearer token (RFC 6750 §2.1), or a page's. Raises AuthenticationRequiredError."""
        scheme, _, token = self.authorization.partition(" ")
        if scheme.lower() == "bearer" and token:
            return token.strip()
        kept = self.token("access_token", None)
        if not kept:
            raise AuthenticationRequiredError
        return kept

    def require_caller(self) -> str:
        """The IAM ARN that signed the request. Raises IamRequiredError, so a route that lost its authorizer is shut."""
        if not self.caller:
            raise IamRequiredError
        return self.caller

    def note(self, **fields: str) -> None:
        """Add to what the log says of this request: ids alone."""
        self.noted.update(fields)

    def token(self, field: str, sent: str | None) -> str | None:
        """A token as the body has it, or else a page's own."""
        return sent or (self.kept or {}).get(field)

    def device_token(self, email_digest: str, sent: str | None) -> str | None:
        """The same of the token by which the device is known at an address."""
        return self.token(cookies.name_of_device(email_digest), sent)


class SignedOut(msgspec.Struct):
    """What a flow answers that ended the session it was asked in: nothing, and a page's cookies end with it."""


class SignedOutTo(SignedOut):
    """The same of a flow that also says where the person goes on, if anywhere."""

    redirect_to: str | None


class Recognised(msgspec.Struct):
    """What a flow answers that leaves no session: nothing, and a page's browser is known for a while at an address."""

    email_digest: str
    token: str
    life: int


class Route(msgspec.Struct, frozen=True):
    """A flow at its route, with all it takes, answers and refuses: docs/openapi.json is drawn from these."""

    key: str
    flow: Callable[[Request[Any]], msgspec.Struct | None]
    body: type[Json | Form] | None
    answers: tuple[type[msgspec.Struct], ...]
    status: HTTPStatus
    refuses: tuple[type[RekeyError], ...]
    query: type[Query] | None = None
    caching: str = NOT_KEPT
    """Cache-Control of what it answers; nobody keeps a refusal."""
    has_page: bool = False
    """Whether a hosted page at the same path makes the call. Applications send people there by GET, or by a form."""


def route(  # noqa: PLR0913 - what a route has
    key: str,
    *,
    body: type[Json | Form] | None = None,
    query: type[Query] | None = None,
    answers: tuple[type[msgspec.Struct], ...] = (),
    status: HTTPStatus = HTTPStatus.OK,
    refuses: tuple[type[RekeyError], ...] = (),
    caching: str = NOT_KEPT,
    has_page: bool = False,
) -> Callable[[Callable[[Request[Any]], msgspec.Struct | None]], Route]:
    """Declare the route of a flow (`POST /forgot`, as API Gateway's routeKey has it)."""
    return lambda flow: Route(key, flow, body, answers, status, refuses, query, caching, has_page)


def entry_point(*routes: Route) -> Callable[[Event, Any], Answer]:
    """The Lambda handler of these routes. HEAD is answered as GET is: API Gateway drops the body (RFC 9110 §9.3.2)."""
    by_key = {route.key: route for route in routes}

    def lambda_handler(event: Event, _context: Any) -> Answer:
        route, noted = by_key[event["routeKey"].replace("HEAD ", "GET ", 1)], dict[str, Any]()
        try:
            answer = _see_page(route, event)
            if not answer:
                request = _request(route, event, noted)
                answer = _answer(route, route.flow(request), from_page=request.kept is not None)
            reason = "ok"
        except RekeyError as refusal:
            answer, reason = _refusal(refusal), refusal.code
        except (ClientError, BotoCoreError) as fault:
            answer, reason = _fault(fault, ServiceUnavailableError(), route, event)
        except Exception as fault:  # noqa: BLE001 - the last resort (ASVS 16.5.4): no internals to the caller
            answer, reason = _fault(fault, InternalError(), route, event)
        _report(route, event, answer, reason, noted)
        return answer

    return lambda_handler


def _see_page(route: Route, event: Event) -> Answer | None:
    """A form leads to the route's page, with the same parameters (OpenID Connect Core §3.1.2.1). None for all else.

    Nobody is asked who sends it: the page's own call tells that.
    """
    if not route.has_page:
        return None
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    if bodies.media_type(headers.get("content-type", "")) != bodies.FORM:
        return None
    location = f"{route.key.partition(' ')[2]}?{bodies.as_query(bodies.read_raw(event))}"
    return {"statusCode": int(HTTPStatus.SEE_OTHER), "headers": _HEADERS | {"Location": location}, "body": ""}


def _request(route: Route, event: Event, noted: dict[str, str]) -> Request[Any]:
    # API Gateway writes names in lower case; `sam local start-api` leaves them as they came.
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    source_ip = event["requestContext"]["http"]["sourceIp"]  # never X-Forwarded-For: callers write that (ASVS 4.1.3)
    caller = signers.find_signer(event)
    if caller:  # a look-up by an admin leaves no other trace than what the log says
        noted["caller"] = caller
    kept = cookies.tokens_in(event.get("cookies", [])) if cookies.is_from_page(headers) else None
    return Request(
        read_body=cache(partial(_body, route, event, headers.get("content-type", ""))),
        client=Client(source_ip, headers.get("user-agent", "")),
        authorization=headers.get("authorization", ""),
        issuer=_issuer(event["requestContext"]["domainName"]),
        kept=kept,
        accept_language=headers.get("accept-language", ""),
        caller=caller,
        query=bodies.read_query(event.get("queryStringParameters") or {}, route.query) if route.query else None,
        noted=noted,
    )


def _issuer(domain: str) -> str:
    """API Gateway takes requests to the API's own names alone, but in whatever letters the caller writes them."""
    host = urllib.parse.urlsplit(f"//{domain}").hostname or ""
    return f"http://{domain.lower()}" if host in _LOCAL else f"https://{host}"


def _body(route: Route, event: Event, content_type: str) -> Any:
    if not route.body:
        return None
    raw = bodies.read_raw(event)
    media_type = bodies.media_type(content_type)
    if issubclass(route.body, Form):
        if media_type != bodies.FORM:
            raise InvalidRequestError
        return bodies.read_form(raw, route.body)
    if raw and media_type != "application/json":
        raise UnsupportedMediaTypeError
    body = bodies.read_json(raw or b"{}", route.body)
    bodies.require_one(body, body.one_of)
    return body


def _answer(route: Route, body: msgspec.Struct | None, *, from_page: bool) -> Answer:
    answer: Answer = {
        "statusCode": int(route.status),
        "headers": _HEADERS | {"Cache-Control": route.caching},
        "body": "",
    }
    if isinstance(body, SignedOut):
        told = {"body": msgspec.json.encode(body).decode()} if isinstance(body, SignedOutTo) else {}
        if told:
            answer["headers"]["Content-Type"] = "application/json"
        return answer | told | ({"cookies": cookies.forget()} if from_page else {})
    if isinstance(body, Recognised):
        kept = cookies.keep_device(body.email_digest, body.token, body.life)
        return answer | ({"cookies": [kept]} if from_page else {})
    if body is not None:
        answer["headers"]["Content-Type"] = "application/json"
        content: Any = body
        if from_page:
            content = {
                name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET
            }
            answer["cookies"] = cookies.keep(content)
        answer["body"] = msgspec.json.encode(content).decode()
    return answer


def _refusal(error: RekeyError) -> Answer:
    problem = error.problem()
    media_type = "application/problem+json"
    if isinstance(error, OAuthError):  # RFC 6749 §5.2 has a form of its own
        problem, media_type = {"error": error.code, "error_description": error.title}, "application/json"
    headers = _HEADERS | error.headers() | {"Content-Type": media_type}
    return {"statusCode": int(error.status), "headers": headers, "body": msgspec.json.encode(problem).decode()}


def _fault(fault: Exception, told: RekeyError, route: Route, event: Event) -> tuple[Answer, str]:
    observability.log_fault(fault, route=route.key, request_id=event["requestContext"].get("requestId", ""))
    return _refusal(told), told.code


def _report(route: Route, event: Event, answer: Answer, reason: str, noted: dict[str, Any]) -> None:
    observability.logger().info(
        "answered",
        route=route.key,
        status=answer["statusCode"],
        reason=reason,
        request_id=event["requestContext"].get("requestId", ""),
        client_address=event["requestContext"]["http"]["sourceIp"],
        **noted,
    )
    observability.count_outcome(route.key.partition(" /")[2], reason)
