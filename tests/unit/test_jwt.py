"""Tokens that KMS signs, judged by another library as an application would: by the keys that are published."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import jwt as pyjwt
import pytest
from jwt.algorithms import RSAAlgorithm

from rekey.oauth import access_jwts, base64url, id_tokens, jwt, metadata, signing_keys
from rekey.oauth.requests import ONE_FACTOR, TWO_FACTORS
from rekey.settings import settings
from tests.calls import recording
from tests.stack import Clock
from tests.unit.test_signing_keys import keep

ISSUER = "https://accounts.example.com"
ACCOUNT = {"account_id": "0" * 28, "email": "ada@example.com", "locale": "sv"}
SESSION = {"session_id": "1" * 28, "epoch": 7, "authenticated_at": 1_700_000_000, "method": "pwd otp"}
SCOPES = ["openid", "email", "profile"]

pytestmark = pytest.mark.usefixtures("stack")


def read(token: str, audience: str) -> dict[str, Any]:
    """The claims, once the signature, the issuer and the audience are judged; times stand still here."""
    (key,) = (each for each in metadata.jwks().keys if each.kid == pyjwt.get_unverified_header(token)["kid"])
    public: Any = RSAAlgorithm.from_jwk({"kty": key.kty, "n": key.n, "e": key.e})
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims: dict[str, Any] = pyjwt.decode(
        token, public, algorithms=["RS256"], audience=audience, issuer=ISSUER, options=options
    )
    return claims


def id_token(scopes: list[str] = SCOPES, nonce: str | None = "n-0S6", **session: Any) -> str:
    begun = id_tokens.begin(ISSUER, "shop", ACCOUNT, {**SESSION, **session}, scopes, nonce, "rka_access")
    return begun.result()


def access_jwt(audience: list[str], jti: str = "one") -> str:
    return access_jwts.sign(ISSUER, "shop", "0" * 28, SESSION, audience, ["openid", "orders"], 100, 400, jti)


def test_an_id_token_tells_who_signed_in(frozen: Clock) -> None:
    token = id_token()

    assert pyjwt.get_unverified_header(token) == {"alg": "RS256", "kid": settings().signing_key, "typ": "JWT"}
    assert (
        read(token, "shop")
        == {
            "iss": ISSUER,
            "sub": ACCOUNT["account_id"],
            "aud": "shop",
            "iat": frozen.now,
            "exp": frozen.now + 300,
            "nonce": "n-0S6",
            "at_hash": pyjwt.utils.base64url_encode(  # as OpenID Connect Core §3.1.3.6 says
                RSAAlgorithm(RSAAlgorithm.SHA256).compute_hash_digest(b"rka_access")[:16]
            ).decode(),
            "auth_time": SESSION["authenticated_at"],
            "amr": ["pwd", "otp"],
            "acr": TWO_FACTORS,
            "sid": SESSION["session_id"],
            "email": "ada@example.com",
            "email_verified": True,
            "locale": "sv",
        }
    )


@pytest.mark.parametrize(
    ("scopes", "opened"),
    [(["openid"], set()), (["openid", "email"], {"email", "email_verified"}), (["openid", "profile"], {"locale"})],
)
def test_scopes_open_what_is_told(scopes: list[str], opened: set[str]) -> None:
    claims = read(id_token(scopes, nonce=None), "shop")

    assert claims.keys() & {"email", "email_verified", "locale"} == opened
    assert "nonce" not in claims


@pytest.mark.parametrize(
    ("method", "acr"),
    [
        ("pwd", ONE_FACTOR),
        ("pwd otp", TWO_FACTORS),
        ("pwd recovery", TWO_FACTORS),
        ("pwd device", ONE_FACTOR),
        ("sign-up", ONE_FACTOR),
    ],
)
def test_two_factors_are_those_that_were_shown(method: str, acr: str) -> None:
    """A device that is trusted shows none now."""
    assert read(id_token(method=method), "shop")["acr"] == acr


def test_an_access_token_tells_what_it_opens() -> None:
    """RFC 9068 §2.2; and it cannot be taken for an ID token, by its type (ASVS 9.2.2)."""
    token = access_jwt(["https://api.example.com"])

    assert pyjwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert read(token, "https://api.example.com") == {
        "iss": ISSUER,
        "sub": ACCOUNT["account_id"],
        "aud": "https://api.example.com",
        "client_id": "shop",
        "scope": "openid orders",
        "iat": 100,
        "exp": 400,
        "jti": "one",
        "epoch": 7,
        "auth_time": SESSION["authenticated_at"],
        "acr": TWO_FACTORS,
        "sid": SESSION["session_id"],
    }


def test_several_audiences_are_a_list() -> None:
    assert read(access_jwt(["orders", "stock"]), "stock")["aud"] == ["orders", "stock"]


def test_the_same_is_the_same_token() -> None:
    """So a refresh that is repeated hands out the token whose digest was kept."""
    assert access_jwt(["orders"]) == access_jwt(["orders"]) != access_jwt(["orders"], jti="two")


def test_a_token_of_more_than_kms_takes() -> None:
    """KMS signs messages of 4 KiB at most: it is given the digest."""
    assert read(id_token(nonce="n" * 5000), "shop")["nonce"] == "n" * 5000


def test_a_key_that_was_ended_signs_nothing(frozen: Clock) -> None:
    """An environment that still has it in mind asks which one is current, once."""
    first = settings().signing_key
    id_token()
    kms = boto3.client("kms")
    second = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    gone = {"kid": first, "n": "…", "published_at": 0, "current_from": 0, "published_until": frozen.now}
    keep(gone, {"kid": second, "published_at": 0, "current_from": 0})
    kms.disable_key(KeyId=first)

    with recording() as calls:
        token = id_token()

    assert [call.operation for call in calls] == ["Sign", "GetItem", "Sign"]
    assert pyjwt.get_unverified_header(token)["kid"] == second
    assert read(token, "shop")


def test_our_own_are_known_again() -> None:
    token = id_token()

    claims = jwt.verify(token, "JWT")

    assert claims
    assert claims == read(token, "shop")


def _forge(token: str, header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None) -> str:
    """The same token with other members, under the signature that it had."""
    parts = token.split(".")
    for at, changed in ((0, header), (1, claims)):
        if changed:
            told = json.loads(base64.urlsafe_b64decode(parts[at] + "=="))
            parts[at] = base64.urlsafe_b64encode(json.dumps(told | changed).encode()).rstrip(b"=").decode()
    return ".".join(parts)


@pytest.mark.parametrize(
    "changed",
    [
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"kid": "another"}},
        {"header": {"kid": None}},
        {"claims": {"sub": "2" * 28}},
    ],
    ids=str,
)
def test_what_was_changed_is_not_ours(changed: dict[str, Any]) -> None:
    assert jwt.verify(_forge(id_token(), **changed), "JWT") is None


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "e30.e30.", "é.e30.e30", "W10.W10.e30", "e30.e30.e30.e30"])
def test_what_is_no_token_is_not_ours(text: str) -> None:
    with recording() as calls:
        assert jwt.verify(text, "JWT") is None
    assert not calls


@pytest.mark.parametrize("signature", [b"", b"short", bytes(256)])
def test_a_signature_of_nobody(signature: bytes) -> None:
    """Whatever stands in its place, it is no fault of ours."""
    signed = id_token().rpartition(".")[0]

    assert jwt.verify(f"{signed}.{base64url.encode(signature)}", "JWT") is None


def test_an_access_token_is_no_id_token() -> None:
    assert jwt.verify(access_jwt(["orders"]), "JWT") is None


def test_a_token_of_a_key_that_is_no_longer_published(frozen: Clock) -> None:
    token = id_token()
    first = settings().signing_key
    gone = {"kid": first, "n": "…", "published_at": 0, "current_from": 0, "published_until": frozen.now}
    keep(gone, {"kid": "new", "n": "…", "published_at": 0, "current_from": 0})
    signing_keys.forget()

    assert jwt.verify(token, "JWT") is None


def test_a_token_of_a_key_that_was_just_ended() -> None:
    """It is still published in this environment, and KMS knows better: that is no fault, either."""
    token = id_token()
    boto3.client("kms").disable_key(KeyId=settings().signing_key)

    assert jwt.verify(token, "JWT") is None
