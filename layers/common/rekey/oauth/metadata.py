"""What applications find out by themselves: where everything is and what of the standards there is."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, field

from rekey.languages.preference import LANGUAGES
from rekey.oauth import jwt, signing_keys
from rekey.oauth.requests import ONE_FACTOR, PROMPTS, TWO_FACTORS
from rekey.oauth.types import OPENID_SCOPES

Url = Annotated[str, Meta(extra_json_schema={"format": "uri"})]
_BY_SECRET = ["client_secret_basic", "client_secret_post"]
_OF_THE_TOKEN = ["iss", "sub", "aud", "exp", "iat", "nonce", "at_hash"]
_OF_SIGN_IN = ["auth_time", "amr", "acr", "sid"]
_OF_THE_PERSON = ["email", "email_verified", "locale"]


def _always(*values: str) -> list[str]:
    """A member of Metadata that is the same for every stack."""
    held: list[str] = field(default_factory=lambda: [*values])
    return held


class Metadata(msgspec.Struct, kw_only=True):
    """RFC 8414 §2 and OpenID Connect Discovery §3, in one: each ignores what it does not know."""

    issuer: Url
    authorization_endpoint: Url
    token_endpoint: Url
    userinfo_endpoint: Url
    jwks_uri: Url
    revocation_endpoint: Url
    introspection_endpoint: Url
    end_session_endpoint: Url
    scopes_supported: list[str] = _always(*OPENID_SCOPES)
    response_types_supported: list[str] = _always("code")
    response_modes_supported: list[str] = _always("query")
    grant_types_supported: list[str] = _always("authorization_code", "refresh_token")
    code_challenge_methods_supported: list[str] = _always("S256")
    authorization_response_iss_parameter_supported: bool = True
    """RFC 9207."""
    token_endpoint_auth_methods_supported: list[str] = _always(*_BY_SECRET, "none")
    revocation_endpoint_auth_methods_supported: list[str] = _always(*_BY_SECRET, "none")
    introspection_endpoint_auth_methods_supported: list[str] = _always(*_BY_SECRET)
    subject_types_supported: list[str] = _always("public")
    id_token_signing_alg_values_supported: list[str] = _always(jwt.ALGORITHM)
    claim_types_supported: list[str] = _always("normal")
    claims_supported: list[str] = _always(*_OF_THE_TOKEN, *_OF_SIGN_IN, *_OF_THE_PERSON)
    acr_values_supported: list[str] = _always(ONE_FACTOR, TWO_FACTORS)
    prompt_values_supported: list[str] = _always(*sorted(PROMPTS))
    ui_locales_supported: list[str] = _always(*LANGUAGES)
    claims_parameter_supported: bool = False
    request_parameter_supported: bool = False
    request_uri_parameter_supported: bool = False


class Jwk(msgspec.Struct, kw_only=True):
    """RFC 7517 §4, RFC 7518 §6.3.1."""

    kid: str
    n: str
    e: str = signing_keys.E
    kty: str = "RSA"
    use: str = "sig"
    alg: str = jwt.ALGORITHM


class Jwks(msgspec.Struct):
    """RFC 7517 §5."""

    keys: list[Jwk]


def of(issuer: str) -> Metadata:
    return Metadata(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth/authorize",
        token_endpoint=f"{issuer}/oauth/token",
        userinfo_endpoint=f"{issuer}/oauth/userinfo",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        revocation_endpoint=f"{issuer}/oauth/revoke",
        introspection_endpoint=f"{issuer}/oauth/introspect/client",
        end_session_endpoint=f"{issuer}/oauth/logout",
    )


def jwks() -> Jwks:
    """The keys that are published now. Of the template's own, KMS tells the public half, once an environment."""
    return Jwks(
        [Jwk(kid=key["kid"], n=key.get("n") or signing_keys.modulus(key["kid"])) for key in signing_keys.published()]
    )
