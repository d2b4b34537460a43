"""Access tokens of applications."""

from __future__ import annotations

from rekey.aws.store import Row
from rekey.sessions.tokens import Token
from rekey.settings import settings


def life(_client: Row) -> int:
    """Seconds."""
    return settings().access_token_life


def write(_client: Row, _issuer: str, opaque: Token, _session: Row) -> str:
    """The text of the session's access token."""
    return str(opaque)
