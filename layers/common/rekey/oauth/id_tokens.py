"""ID tokens (OpenID Connect Core §2): who signed in, when and how, for one application."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future
from typing import Any

from rekey import clock
from rekey.aws import at_once, sdk
from rekey.aws.store import Row
from rekey.oauth import base64url, claims, jwt
from rekey.oauth.requests import ONE_FACTOR, TWO_FACTORS

TYP = "JWT"
LIFE = 300  # seconds: an application reads it once, at sign-in
_SECOND_FACTORS = {"otp", "recovery"}  # a trusted device stands for a code that was given earlier: it is none


def begin(  # noqa: PLR0913, PLR0917 - what an ID token tells of
    issuer: str, client_id: str, account: Row, session: Row, scopes: list[str], nonce: str | None, access_token: str
) -> Future[str]:
    """Begin to sign one in another thread. Hand it out only once what it tells of is written."""
    now = clock.now()
    told = {
        "iss": issuer,
        "sub": account["account_id"],
        "aud": client_id,
        "exp": now + LIFE,
        "iat": now,
        **({"nonce": nonce} if nonce is not None else {}),
        "at_hash": at_hash(access_token),
        **of_sign_in(session),
        "amr": session["method"].split(),
        **claims.of_person(account, scopes),
    }
    sdk.kms()  # made before there are two threads
    return at_once.begin(jwt.sign, TYP, told)


def of_sign_in(session: Row) -> dict[str, Any]:
    """When and how somebody signed in: claims of ID tokens and of access tokens (RFC 9068 §2.2.1)."""
    has_two = bool(_SECOND_FACTORS & {*session["method"].split()})
    return {
        "auth_time": session["authenticated_at"],
        "acr": TWO_FACTORS if has_two else ONE_FACTOR,
        "sid": session["session_id"],
    }


def at_hash(access_token: str) -> str:
    """Ties the access token to the ID token that comes with it (OpenID Connect Core §3.1.3.6)."""
    return base64url.encode(hashlib.sha256(access_token.encode()).digest()[:16])
