"""IAM authorization on one's own machine: a call signed with the local credentials passes, and no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local import signatures
from local.gateway import Gateway
from local.server import Received, Sent
from local.template import REGION, Template, load_template

BODY = b'{"email": "alice@example.com"}'
KEY = "POST /admin/find"


def signed(  # noqa: PLR0913 - what a signature depends on
    secret: str = "local",
    *,
    access_key: str = "local",
    region: str = REGION,
    service: str = "execute-api",
    query: str = "",
    headers: dict[str, str] | None = None,
) -> Received:
    """A call as an SDK signs it."""
    url = f"http://localhost:3000/admin/find{query}"
    sent = {"Content-Type": "application/json", "Host": "localhost:3000", **(headers or {})}
    request = AWSRequest("POST", url, sent, BODY)
    SigV4Auth(Credentials(access_key, secret), service, region).add_auth(request)
    received = [(name.lower(), str(value)) for name, value in request.headers.items()]
    return Received("POST", "/admin/find", query[1:], received, BODY, "127.0.0.1")


def with_header(received: Received, name: str, value: str | None) -> Received:
    """The same call with another value of a header, or without it."""
    others = [(each, its) for each, its in received.headers if each != name]
    return replace(received, headers=[*others, *([(name, value)] if value is not None else [])])


@pytest.mark.parametrize("query", ["", "?b=2&a=1&c"])
def test_local_credentials_pass(query: str) -> None:
    """A call that botocore signed with the local credentials is the local user's, with a query too."""
    caller = signatures.find_caller(signed(query=query))

    assert caller
    assert caller["userArn"] == "arn:aws:iam::123456789012:user/local"


def test_a_true_hash_of_the_body_passes() -> None:
    """Clients that send the hash of the body, as some SDKs do, are taken where it is right."""
    assert signatures.find_caller(signed(headers={"X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()}))


def test_another_header_may_be_added() -> None:
    """A proxy on the way may add what was not signed."""
    assert signatures.find_caller(with_header(signed(), "via", "1.1 proxy"))


ALTERED: dict[str, Callable[[], Received]] = {
    "wrong secret": lambda: signed(secret="guessed"),
    "unknown key": lambda: signed(access_key="AKIAOTHER"),
    "another region": lambda: signed(region="us-east-1"),
    "another service": lambda: signed(service="dynamodb"),
    "altered body": lambda: replace(signed(), body=b'{"email": "bob@example.com"}'),
    "altered path": lambda: replace(signed(), path="/admin/delete"),
    "altered query": lambda: replace(signed(), query="x=1"),
    "altered method": lambda: replace(signed(), method="GET"),
    "another host": lambda: with_header(signed(), "host", "elsewhere.example.com"),
    "altered header": lambda: with_header(signed(), "content-type", "text/plain"),
    "a signed header is missing": lambda: with_header(signed(), "content-type", None),
    "no date": lambda: with_header(signed(), "x-amz-date", None),
    "no such date": lambda: with_header(signed(), "x-amz-date", "yesterday"),
    "not signed": lambda: with_header(signed(), "authorization", None),
    "a session's token": lambda: with_header(signed(), "authorization", "Bearer rka_x"),
    "cut off": lambda: with_header(signed(), "authorization", "AWS4-HMAC-SHA256 Credential=local"),
    "the body is not signed": lambda: signed(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}),
}


@pytest.mark.parametrize("altered", ALTERED.values(), ids=ALTERED)
def test_anything_else_is_refused(altered: Callable[[], Received]) -> None:
    """No other secret, key, region or service; and nothing that was signed may have been altered on the way."""
    assert signatures.find_caller(altered()) is None


def test_the_signed_hash_must_be_the_bodys() -> None:
    """Where the hash of the body was signed as a header, another body is refused: the signature alone would pass."""
    received = signed(headers={"X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()})

    assert signatures.find_caller(replace(received, body=b"{}")) is None


def test_the_host_must_be_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature that leaves out the host would be good at another API too."""
    whole = SigV4Auth.headers_to_sign

    def without_host(self: SigV4Auth, request: AWSRequest) -> Any:
        headers = whole(self, request)
        del headers["host"]
        return headers

    with monkeypatch.context() as patch:
        patch.setattr(SigV4Auth, "headers_to_sign", without_host)
        received = signed()
        assert signatures.find_caller(received)  # a signer that takes it would
    assert signatures.find_caller(received) is None


@pytest.mark.parametrize(("seconds", "passes"), [(-300, True), (300, True), (-301, False), (301, False)])
def test_five_minutes(monkeypatch: pytest.MonkeyPatch, seconds: int, *, passes: bool) -> None:
    """A signature is good for five minutes either way: later, a copy of the call is worth nothing."""
    received = signed()
    signed_at = datetime.strptime(received.header("x-amz-date"), SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    monkeypatch.setattr("rekey.clock.now", lambda: int(signed_at.timestamp()) + seconds)

    assert (signatures.find_caller(received) is not None) is passes


class Echo:
    """In place of the functions: answers with what the gateway says of the caller."""

    def invoke(self, _function: str, event: dict[str, Any]) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {}, "body": json.dumps(event["requestContext"].get("authorizer"))}


@pytest.fixture
def template() -> Template:
    """The template with one signed route of the test's own and one that is open."""
    template = load_template()
    event = {"Type": "HttpApi", "Properties": {"Method": "POST", "Path": "/admin/find"}}
    template.document["Resources"]["ForgotFunction"]["Properties"]["Events"] |= {
        "Signed": {"Type": "HttpApi", "Properties": {**event["Properties"], "Auth": {"Authorizer": "AWS_IAM"}}},  # type: ignore[dict-item]
    }
    return template


def answer(template: Template, received: Received) -> Sent:
    lambdas: Any = Echo()
    return Gateway(template, lambdas, lambda _: None).answer(received)


def test_the_function_is_told_the_caller(template: Template) -> None:
    """A signed route's function gets `requestContext.authorizer.iam`, as API Gateway's payload 2.0 has it."""
    sent = answer(template, signed())

    assert sent.status == HTTPStatus.OK
    assert json.loads(sent.body)["iam"]["userArn"] == signatures.CALLER


def test_without_a_signature_the_function_is_not_asked(template: Template) -> None:
    """The gateway itself refuses, in API Gateway's words."""
    sent = answer(template, with_header(signed(), "authorization", None))

    assert (sent.status, sent.body) == (HTTPStatus.FORBIDDEN, b'{"message":"Forbidden"}')


def test_an_open_route_has_no_caller(template: Template) -> None:
    """A signature on a route that asks for none makes nobody an admin."""
    sent = answer(template, replace(signed(), path="/forgot"))

    assert (sent.status, sent.body) == (HTTPStatus.OK, b"null")
