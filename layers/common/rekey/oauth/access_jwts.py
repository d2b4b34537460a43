"""Access tokens as JWTs (RFC 9068), for APIs that judge by keys alone: a gateway's own authorizer."""

from __future__ import annotations

from rekey.aws.store import Row
from rekey.oauth import id_tokens, jwt

TYP = "at+jwt"
LONGEST_LIFE = 300  # seconds: until it ends, whoever judges by keys alone takes a token that was revoked


def sign(  # noqa: PLR0913, PLR0917 - what such a token tells
    issuer: str,
    client_id: str,
    account_id: str,
    session: Row,
    audience: list[str],
    scopes: list[str],
    issued_at: int,
    expires_at: int,
    jti: str,
) -> str:
    """The same arguments are the same token, so a refresh that is repeated gets the one that was kept."""
    claims = {
        "iss": issuer,
        "sub": account_id,
        "aud": audience[0] if len(audience) == 1 else audience,
        "client_id": client_id,
        "scope": " ".join(scopes),
        "iat": issued_at,
        "exp": expires_at,
        "jti": jti,
        "epoch": session["epoch"],
        **id_tokens.of_sign_in(session),
    }
    return jwt.sign(TYP, claims)
