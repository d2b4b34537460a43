"""The stand-in for API Gateway's own JWT authorizer: each rule that AWS documents, by an issuer made for it.

Rekey's own tokens are judged in tests/clients/test_examples.py.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from Crypto.Hash import SHA256, SHA384
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import DSS, pkcs1_15

from local.example_api import authorizer_of, load_example
from local.jwt_authorizer import KEYS_KEPT_FOR, JwtApi, JwtAuthorizer, TokenError
from local.server import Received, Sent

ISSUER, AUDIENCE = "http://issuer.example", "https://api.example.com"
NOW = 1_800_000_000
KEY, OTHER = RSA.generate(2048), RSA.generate(2048)
GOOD = {
    "iss": ISSUER,
    "aud": [AUDIENCE, "https://other.example.com"],
    "sub": "0a1b",
    "client_id": "orders",
    "scope": "openid orders.read",
    "iat": NOW,
    "exp": NOW + 300,
}


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8))


def signed(claims: dict[str, Any], *, key: RSA.RsaKey = KEY, **header: Any) -> str:
    """A JWT. A header member that is None is left out."""
    told = {name: value for name, value in ({"alg": "RS256", "kid": "first"} | header).items() if value is not None}
    text = ".".join(encoded(json.dumps(part).encode()) for part in (told, claims))
    hashed = (SHA384 if told["alg"] == "RS384" else SHA256).new(text.encode())
    return f"{text}.{encoded(pkcs1_15.new(key).sign(hashed))}"


@dataclass
class Issuer:
    """What it publishes, and how often it was asked."""

    keys: dict[str, RSA.RsaKey] = field(default_factory=lambda: {"first": KEY})
    now: float = NOW
    asked: list[str] = field(default_factory=list)

    def fetch(self, url: str) -> dict[str, Any]:
        self.asked.append(url.removeprefix(ISSUER))
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return {"jwks_uri": f"{ISSUER}/keys"}
        elliptic = {"kty": "EC", "crv": "P-256", "kid": "elliptic", "x": "", "y": ""}
        rsa = [{"kty": "RSA", "kid": kid, "n": number(key.n), "e": number(key.e)} for kid, key in self.keys.items()]
        return {"keys": [elliptic, *rsa]}

    def authorizer(self, issuer: str = ISSUER) -> JwtAuthorizer:
        return JwtAuthorizer(issuer, [AUDIENCE], self.fetch, lambda: self.now)


@pytest.mark.parametrize("alg", ["RS256", "RS384"])
def test_claims_of_what_is_right(alg: str) -> None:
    """By the keys that discovery leads to."""
    issuer = Issuer()

    assert issuer.authorizer().judge(signed(GOOD, alg=alg)) == GOOD
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"iss": f"{ISSUER}/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": ["https://other.example.com"]}, "aud"),
        ({"aud": "https://api.example.com/"}, "aud"),
        ({"exp": NOW}, "exp"),
        ({"exp": None}, "exp"),
        ({"nbf": NOW + 1}, "nbf"),
        ({"iat": NOW + 1}, "iat"),
    ],
)
def test_wrong_claims(changed: dict[str, Any], named: str) -> None:
    """Each alone refuses: the issuer to the slash, the times to the second."""
    claims = {name: value for name, value in (GOOD | changed).items() if value is not None}

    with pytest.raises(TokenError, match=named):
        Issuer().authorizer().judge(signed(claims))


def test_client_id_counts_without_an_audience_alone() -> None:
    without = {name: value for name, value in GOOD.items() if name != "aud"}
    authorizer = Issuer().authorizer()

    assert authorizer.judge(signed({**without, "client_id": AUDIENCE}))
    with pytest.raises(TokenError, match="aud"):
        authorizer.judge(signed({**GOOD, "aud": "https://other.example.com", "client_id": AUDIENCE}))


def elliptic() -> str:
    """ES256, which HTTP APIs do not take, by a key that is published."""
    text = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "ES256", "kid": "elliptic"}, GOOD))
    return f"{text}.{encoded(DSS.new(ECC.generate(curve='P-256'), 'fips-186-3').sign(SHA256.new(text.encode())))}"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "rka_opaque",
        "a.b",
        signed(GOOD, kid=None),
        signed(GOOD, kid="second"),
        signed(GOOD, kid="elliptic"),
        signed(GOOD, key=OTHER),
        signed(GOOD, alg="none"),
        signed(GOOD, alg="HS256"),
        elliptic(),
        signed(GOOD)[:-3] + "AAA",
    ],
)
def test_what_no_key_of_theirs_has_signed(token: str) -> None:
    with pytest.raises(TokenError):
        Issuer().authorizer().judge(token)


def test_keys_are_kept_for_two_hours() -> None:
    """A key is known two hours after it was published, and taken as long after it was withdrawn."""
    issuer = Issuer()
    authorizer = issuer.authorizer()
    assert authorizer.judge(signed(GOOD))
    issuer.keys = {"second": OTHER}
    later = GOOD | {"exp": NOW + 2 * KEYS_KEPT_FOR}

    issuer.now += KEYS_KEPT_FOR - 1
    assert authorizer.judge(signed(later))
    with pytest.raises(TokenError):
        authorizer.judge(signed(later, key=OTHER, kid="second"))
    issuer.now += 1
    assert authorizer.judge(signed(later, key=OTHER, kid="second"))
    with pytest.raises(TokenError):
        authorizer.judge(signed(later))


@pytest.fixture
def api() -> JwtApi:
    """examples/jwt-authorizer-api, of the issuer above."""
    return JwtApi({"Issuer": ISSUER}, Issuer().fetch, lambda: NOW)


def ask(api: JwtApi, authorization: str | None, **headers: str) -> Sent:
    told = [("authorization", authorization)] if authorization is not None else []
    return api.answer(Received("GET", "/orders", "", [*told, *headers.items()], b"", "192.0.2.1"))


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", ""])
def test_the_function_is_told(api: JwtApi, prefix: str) -> None:
    """The token may come with or without its scheme."""
    sent = ask(api, prefix + signed(GOOD), origin="http://localhost:3000")

    assert json.loads(sent.body) == {"account_id": "0a1b", "client_id": "orders", "orders": ["4711"]}
    assert dict(sent.headers)["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_scopes_may_be_a_list(api: JwtApi) -> None:
    """In `scp`, as some issuers have them."""
    without = {name: value for name, value in GOOD.items() if name != "scope"}

    assert ask(api, signed({**without, "scp": ["orders.read"]})).status == 200
    assert ask(api, signed({**without, "scp": ["openid"]})).status == 403


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer rka_opaque", 401),
        (f"Bearer {signed(GOOD | {'scope': 'openid'})}", 403),
        (f"Bearer {signed(GOOD | {'scope': 'orders.read:all'})}", 403),
    ],
)
def test_refusals(api: JwtApi, authorization: str | None, status: int) -> None:
    """What is no token of theirs is 401; one without the route's scope 403."""
    sent = ask(api, authorization)

    assert sent.status == status
    assert ("WWW-Authenticate" in dict(sent.headers)) == (status == 401)


def test_the_template_trusts_one_issuer() -> None:
    template = load_example("jwt-authorizer-api", Issuer=ISSUER)

    assert authorizer_of(template) == {
        "IdentitySource": "$request.header.Authorization",
        "JwtConfiguration": {"issuer": ISSUER, "audience": [AUDIENCE]},
    }
