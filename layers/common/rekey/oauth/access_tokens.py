"""Access tokens of applications: opaque, or a JWT where the application's APIs judge it without asking (RFC 9068)."""

from __future__ import annotations

from rekey.aws.store import Row
from rekey.oauth import access_jwts
from rekey.sessions.tokens import Token
from rekey.settings import settings


def life(client: Row) -> int:
    """Seconds."""
    longest = settings().access_token_life
    return min(longest, access_jwts.LONGEST_LIFE) if client["access_tokens"] == "jwt" else longest


def write(client: Row, issuer: str, opaque: Token, session: Row) -> str:
    """The text of the session's access token: the opaque one, or a JWT in its place. The same for the same two."""
    if client["access_tokens"] == "opaque":
        return str(opaque)
    return access_jwts.sign(
        issuer,
        client["client_id"],
        opaque.owner,
        session,
        session["audience"],
        session["access_scopes"],
        session["refreshed_at"],
        session["access_expires_at"],
        opaque.digest().hex()[:28],
    )
