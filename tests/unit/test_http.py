"""From an API Gateway event to a flow and back: what is refused before a flow sees it, what every answer carries."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from local import signatures
from local.template import load_template
from rekey import observability
from rekey.api import bodies, http
from rekey.api.errors import TooManyRequestsError
from rekey.api.http import Form, Json, Parameters, Request, entry_point

SECRET = "hunter2-is-my-secret"
DOMAIN = "api.example.com"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in load_template().environment("forgot").items():
        monkeypatch.setenv(name, value)


class Body(Json):
    email: str
    password: str = ""
    count: int = 0


class TokenForm(Form):
    grant_type: str
    refresh_token: str | None = None


class Echo(msgspec.Struct):
    email: str


def handler(
    flow: Callable[[Request[Any]], Any], body: Any = Body, *, has_page: bool = False
) -> Callable[..., dict[str, Any]]:
    """A handler with one route, and what invokes it."""
    lambda_handler = entry_point(http.route("POST /flow", body=body, has_page=has_page)(flow))

    def call(text: str | None, content_type: str | None = "application/json", **event: Any) -> dict[str, Any]:
        sent = {"content-type": content_type} if content_type else {}
        return lambda_handler(
            {
                "routeKey": "POST /flow",
                "headers": {**sent, **event.pop("headers", {})},
                "requestContext": {"requestId": "test", "domainName": DOMAIN, "http": {"sourceIp": "192.0.2.1"}},
                "body": text,
                **event,
            },
            None,
        )

    return call


echo = handler(lambda request: Echo(request.body.email))
form = handler(lambda request: Echo(request.body.refresh_token or ""), TokenForm)
FORM = "application/x-www-form-urlencoded"


def problem(answer: dict[str, Any]) -> tuple[int, str]:
    """Status and code of a refusal, which repeats nothing that was sent."""
    assert SECRET not in json.dumps(answer)
    body = json.loads(answer["body"])
    return answer["statusCode"], body.get("code") or body["error"]


@pytest.mark.parametrize(
    "text",
    [
        f'{{"email": "{SECRET}',
        f'{{"email": "{SECRET}"}} x',
        f"{{'email': '{SECRET}'}}",
        '{"email": "x",}',
        '{"email": NaN}',
        '{"email": "x", // no\n}',
        f'{{"email": "{SECRET}\\ud800"}}',
        f'{{"email": "{SECRET}\\x00"}}',
        f'{{"email": "{SECRET}\x00"}}',
        f'{{"email": "{SECRET}\ud800"}}',
        '\ufeff{"email": "x"}',
        '{"email": "x"' + "}" * 15000,
        "x",
        " ",
    ],
)
def test_malformed(text: str) -> None:
    """What is not JSON in UTF-8 is refused as such."""
    assert problem(echo(text)) == (400, "malformed_body")


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        (None, [("email", "missing")]),
        ("", [("email", "missing")]),
        ("{}", [("email", "missing")]),
        ("null", [("", "not_an_object")]),
        ("[]", [("", "not_an_object")]),
        ("7", [("", "not_an_object")]),
        ("[" * 15000, [("", "not_an_object")]),
        (f'"{SECRET}"', [("", "not_an_object")]),
        (f'[{{"email": "{SECRET}"}}]', [("", "not_an_object")]),
        ('{"email": null}', [("email", "invalid")]),
        ('{"email": 7}', [("email", "invalid")]),
        ('{"email": true}', [("email", "invalid")]),
        (f'{{"email": ["{SECRET}"]}}', [("email", "invalid")]),
        (f'{{"email": {{"a": "{SECRET}"}}}}', [("email", "invalid")]),
        ('{"email": ' + "[" * 9000 + "]" * 6000 + "}", [("email", "invalid")]),
        (f'{{"email": "x", "count": "{SECRET}"}}', [("count", "invalid")]),
        (f'{{"email": "x", "admin": "{SECRET}"}}', [("admin", "unknown")]),
        (f'{{"email": "x", "a\\nb": "{SECRET}"}}', [("a\nb", "unknown")]),
        ('{"Email": "x"}', [("Email", "unknown")]),
        ('{"email": "x", "' + "a" * 999 + '": 1}', [("a" * 64, "unknown")]),
    ],
)
def test_invalid(text: str | None, errors: list[tuple[str, str]]) -> None:
    """A field that is missing, unknown or of another type is named; its value is not."""
    answer = echo(text)

    assert problem(answer) == (422, "validation_failed")
    assert [(error["field"], error["code"]) for error in json.loads(answer["body"])["errors"]] == errors


def test_duplicate_keys() -> None:
    """Of a name given twice the last counts, and there is no second parser to think otherwise."""
    assert json.loads(echo('{"email": "first", "email": "last"}')["body"]) == {"email": "last"}


@pytest.mark.parametrize(
    ("size", "status"),
    [(bodies.LARGEST_BODY, 200), (bodies.LARGEST_BODY + 1, 413), (6_000_000, 413)],
)
@pytest.mark.parametrize("encoded", [False, True])
def test_size(size: int, status: int, *, encoded: bool) -> None:
    """16 KiB are taken and not a byte more, however the gateway encodes it."""
    text = '{"email":"' + "x" * (size - 12) + '"}'
    sent = base64.b64encode(text.encode()).decode() if encoded else text

    assert echo(sent, isBase64Encoded=encoded)["statusCode"] == status


def test_size_in_bytes() -> None:
    """Bytes are counted, not characters."""
    assert problem(echo('{"email":"' + "\U0001f40e" * 5000 + '"}')) == (413, "body_too_large")


@pytest.mark.parametrize("sent", [b'{"email": "\xff"}', b"\x80", b'{"email": "\xed\xa0\x80"}', b'\xff\xfe{\0"\0'])
def test_not_utf_8(sent: bytes) -> None:
    """Bytes that are not UTF-8, which only come in base64, are refused."""
    assert problem(echo(base64.b64encode(sent).decode(), isBase64Encoded=True)) == (400, "malformed_body")


def test_not_base64() -> None:
    """So is what the gateway calls base64 and is not."""
    assert problem(echo("!!!", isBase64Encoded=True)) == (400, "malformed_body")


@pytest.mark.parametrize("content_type", [None, "", "text/plain", FORM, "application/jsonx", "multipart/form-data"])
def test_another_content_type(content_type: str | None) -> None:
    """Only JSON is taken: what a form on another site can send without asking first is refused."""
    assert problem(echo('{"email": "x"}', content_type)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", " application/json "])
def test_json_content_types(content_type: str) -> None:
    """JSON is taken however its name is written."""
    assert echo('{"email": "x"}', content_type)["statusCode"] == 200


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        ("grant_type=a&grant_type=b", FORM),
        ("grant_type=a&grant_type=a", FORM),
        ("grant_type=a&other=1&other=2", FORM),
        (f"refresh_token={SECRET}", FORM),
        (f"grant_type=a&{SECRET}", FORM),
        ("grant_type=%ff", FORM),
        ("", FORM),
        ("&".join(f"a{number}=1" for number in range(20)) + "&grant_type=a", FORM),
        ("grant_type=a", "application/json"),
        ('{"grant_type": "a"}', "application/json"),
        ("grant_type=a", None),
    ],
)
def test_form_refused(text: str, content_type: str | None) -> None:
    """A form that repeats, lacks or garbles a parameter is refused as RFC 6749 says it must be."""
    assert problem(form(text, content_type)) == (400, "invalid_request")


def test_form_ignores_what_it_does_not_know() -> None:
    """Unknown parameters are ignored (RFC 6749 §3.2), client_id for one."""
    answer = form("grant_type=a&refresh_token=%C3%A9+x&client_id=web", FORM + "; charset=UTF-8")

    assert json.loads(answer["body"]) == {"email": "é x"}


def raising(error: Exception) -> Callable[[Request[Any]], Any]:
    def flow(_: Request[Any]) -> None:
        raise error

    return flow


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": SECRET}}, "UpdateItem")
EVERY_KIND = [
    ("ok", lambda _: Echo("x")),
    ("nothing", lambda _: None),
    ("refused", raising(TooManyRequestsError(7))),
    ("aws", raising(THROTTLED)),
    ("bug", raising(KeyError(SECRET))),
]


@pytest.mark.parametrize("flow", [flow for _, flow in EVERY_KIND], ids=[name for name, _ in EVERY_KIND])
def test_headers_of_every_answer(flow: Any) -> None:
    """Whatever the outcome, an answer is kept by no cache, guessed at by no browser and fetched again over TLS only."""
    headers = handler(flow)('{"email": "x"}')["headers"]

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_headers_do_not_outlive_the_answer() -> None:
    """What one answer adds to the headers is not on the next."""
    handler(raising(TooManyRequestsError(7)))('{"email": "x"}')

    assert "Retry-After" not in echo('{"email": "x"}')["headers"]


@pytest.mark.parametrize("fault", [THROTTLED, ConnectTimeoutError(endpoint_url=f"https://{SECRET}")])
def test_fault_of_aws(fault: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """AWS's faults are a 503 that says when to try again, and their text stays out of the answer and the log."""
    answer = handler(raising(fault))('{"email": "x"}')

    assert problem(answer) == (503, "service_unavailable")
    assert int(answer["headers"]["Retry-After"]) > 0
    assert SECRET not in "".join(capsys.readouterr())


@pytest.mark.parametrize("fault", [KeyError(SECRET), RuntimeError(SECRET), ValueError(SECRET), RecursionError(SECRET)])
def test_unexpected(fault: Exception, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """A bug is a 500 without internals; the log says where and of what kind it was, and not its text."""
    assert problem(handler(raising(fault))('{"email": "x"}')) == (500, "internal_error")

    record = next(record for record in caplog.records if record.message == "fault")
    assert vars(record)["error"] == type(fault).__name__
    assert "test_http.py" in vars(record)["where"][-1]
    assert SECRET not in f"{vars(record)}{capsys.readouterr()}"


@pytest.mark.parametrize(
    ("authorization", "token"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("Bearer  abc ", "abc"), ("Basic abc", None), ("Bearer", None)],
)
def test_bearer(authorization: str, token: str | None) -> None:
    """The scheme is read in any case; another scheme or no token is as good as none."""
    call = handler(lambda request: Echo(request.bearer()))
    answer = call('{"email": "x"}', headers={"authorization": authorization})

    if token:
        assert json.loads(answer["body"]) == {"email": token}
    else:
        assert problem(answer) == (401, "authentication_required")


def test_source_ip_alone() -> None:
    """A client is whom the gateway saw, whatever it claims."""
    call = handler(lambda request: Echo(request.client.source_ip))
    claims = {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9", "x-real-ip": "203.0.113.9"}

    assert json.loads(call('{"email": "x"}', headers=claims)["body"]) == {"email": "192.0.2.1"}


WHO = http.route("POST /flow")(lambda request: Echo(request.require_caller()))
ADA = "arn:aws:iam::123456789012:user/ada"
OF_THE_GATEWAY = {"accountId": "123456789012", "routeKey": "POST /flow", "stage": "$default"}
SIGNED = {"iam": {**signatures.IDENTITY, "userArn": ADA}}


def asked_by(authorizer: Any, version: str = "2.0", **context: Any) -> Any:
    """What a flow that needs an IAM caller answers."""
    http_part = {
        "requestId": "test",
        "domainName": DOMAIN,
        "http": {"sourceIp": "192.0.2.1"},
        "authorizer": authorizer,
    }
    event = {"version": version, "routeKey": "POST /flow", "headers": {}}
    return entry_point(WHO)({**event, "requestContext": {**http_part, **OF_THE_GATEWAY, **context}}, None)


@pytest.mark.parametrize(
    "arn",
    [
        ADA,
        "arn:aws:iam::123456789012:root",
        "arn:aws:sts::123456789012:assumed-role/Support/ada@example.com",
        "arn:aws:sts::123456789012:federated-user/ada",
        "arn:aws-cn:iam::123456789012:user/team/ada",
    ],
)
def test_the_caller_is_whom_the_gateway_verified(arn: str) -> None:
    """The IAM ARN is the one of `requestContext.authorizer.iam`."""
    answer = asked_by({"iam": {**signatures.IDENTITY, "userArn": arn, "principalOrgId": "o-1"}})

    assert json.loads(answer["body"]) == {"email": arn}


@pytest.mark.parametrize(
    "authorizer",
    [
        None,
        {},
        "iam",
        {"iam": None},
        {"iam": ADA},
        {"iam": {"userArn": ADA}},
        {"lambda": SIGNED["iam"]},
        {"jwt": {"claims": SIGNED["iam"]}},
        {"userArn": ADA},
        *({"iam": {**SIGNED["iam"], name: ""}} for name in ("accessKey", "accountId", "callerId", "userArn", "userId")),
        *({"iam": {k: v for k, v in SIGNED["iam"].items() if k != name}} for name in ("accessKey", "userArn")),
        {"iam": {**SIGNED["iam"], "userArn": "ada"}},
        {"iam": {**SIGNED["iam"], "userArn": f"{ADA}\nadmin"}},
        {"iam": {**SIGNED["iam"], "userArn": [ADA]}},
        {"iam": {**SIGNED["iam"], "userArn": "arn:aws:s3:::123456789012:user/ada"}},
        {"iam": {**SIGNED["iam"], "userArn": "arn:aws:iam::210987654321:user/ada"}},
        {"iam": {**SIGNED["iam"], "accountId": "210987654321"}},
    ],
)
def test_without_an_iam_caller_a_route_that_needs_one_is_shut(authorizer: Any) -> None:
    """If the template lost the authorizer of a route, its function would still refuse everybody."""
    assert problem(asked_by(authorizer)) == (403, "iam_required")


@pytest.mark.parametrize(
    "other",
    [
        {"version": "1.0"},
        {"accountId": "210987654321"},
        {"accountId": None},
        {"routeKey": "POST /other"},
        {"routeKey": "$default"},
        {"stage": "prod"},
        {"stage": None},
    ],
)
def test_an_event_that_did_not_come_by_its_route_names_no_caller(other: dict[str, Any]) -> None:
    """Of another kind of API, function URL or account, or put together by hand and not whole."""
    assert problem(asked_by(SIGNED, **other)) == (403, "iam_required")


def test_the_log_names_an_iam_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looked somebody up is in the log with the route; a call without IAM credentials names nobody."""
    log = io.StringIO()
    monkeypatch.setattr(observability.logger().registered_handler, "stream", log)

    asked_by(SIGNED)
    asked_by({"iam": {"userArn": ADA}})

    signed, unsigned = (line for line in map(json.loads, log.getvalue().splitlines()) if line["message"] == "answered")
    assert (signed["caller"], signed["route"]) == (ADA, "POST /flow")
    assert "caller" not in unsigned


@pytest.mark.parametrize(
    ("domain", "issuer"),
    [
        ("accounts.example.com", "https://accounts.example.com"),
        ("ACCOUNTS.Example.com", "https://accounts.example.com"),  # one issuer, however its name is written
        ("accounts.example.com:443", "https://accounts.example.com"),
        ("localhost:3000", "http://localhost:3000"),
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("localhost.example.com", "https://localhost.example.com"),  # somebody's name is not this machine
    ],
)
def test_the_issuer_is_the_origin_that_the_request_came_to(domain: str, issuer: str) -> None:
    told = handler(lambda request: Echo(request.issuer))
    part = {"requestId": "test", "domainName": domain, "http": {"sourceIp": "192.0.2.1"}}
    assert json.loads(told('{"email": ""}', requestContext=part)["body"]) == {"email": issuer}


class Asked(Parameters):
    email: str


of_page = handler(lambda request: Echo(request.body.email), Asked, has_page=True)


@pytest.mark.parametrize("encoded", [False, True])
def test_a_form_leads_to_its_page(*, encoded: bool) -> None:
    """With the same parameters, also empty and repeated ones, written anew: no line break reaches a header."""
    sent = "state=a+b%0d%0aSet-Cookie:x&state=c&nonce="
    text = base64.b64encode(sent.encode()).decode() if encoded else sent
    answer = of_page(text, f"{FORM}; charset=utf-8", isBase64Encoded=encoded)

    assert (answer["statusCode"], answer["body"]) == (303, "")
    assert answer["headers"]["Location"] == "/flow?state=a+b%0D%0ASet-Cookie%3Ax&state=c&nonce="
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_a_form_brings_no_session() -> None:
    """Whatever cookies come with it, the flow is not asked: another site can make a browser send a form."""
    asked = handler(lambda _: pytest.fail("asked"), Asked, has_page=True)

    assert asked("email=ada", FORM, cookies=["__Host-rekey-access=x"])["statusCode"] == 303


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (f"state={SECRET}{'x' * 6200}", (413, "body_too_large")),
        (f"state={SECRET}%ff", (400, "malformed_body")),
        ("&".join([f"state={SECRET}"] * 65), (400, "malformed_body")),
    ],
)
def test_a_form_that_is_no_query(sent: str, refused: tuple[int, str]) -> None:
    """What a header cannot hold, or no query is."""
    assert problem(of_page(sent, FORM)) == refused


def test_parameters_of_an_application() -> None:
    """By JSON the page asks; what the route does not know is ignored, for other servers know it (RFC 6749 §3.1)."""
    assert json.loads(of_page(json.dumps({"email": "ada", "display": "popup"}))["body"]) == {"email": "ada"}


def test_a_form_where_there_is_no_page() -> None:
    """Only a route that has a page sends anybody there."""
    assert problem(echo(f"email={SECRET}", FORM)) == (415, "unsupported_media_type")
