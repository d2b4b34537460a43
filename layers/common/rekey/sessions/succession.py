"""The session that a hosted page's browser already has ends when another begins in its place (ASVS 7.2.4)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rekey.accounts import events, keys
from rekey.accounts.event_types import SESSION_REVOKED
from rekey.api.client import Client
from rekey.api.errors import AuthenticationRequiredError
from rekey.api.http import Request
from rekey.sessions import one_time, sessions, tokens
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import REFRESH, Token


def ending_kept(request: Request[Any]) -> list[dict[str, Any]]:
    """The writes that end the session that the browser has, if it has one."""
    kept = find_kept(request)
    return ending(kept, request.client) if kept else []


def find_kept(request: Request[Any]) -> SignedIn | None:
    """The session whose refresh token a page's cookie holds; none for any other client.

    It may be another account's, of whoever used this browser before. It must be living, and the token one of its own:
    so a cookie that was forged, or planted, ends nothing that its maker could not end anyway (RFC 7009).
    """
    token = _find_kept_token(request)
    signed_in, _ = sessions.find_session(token) if token else (None, [])
    return signed_in if token and signed_in and sessions.holds(signed_in.session, token) else None


def find_bearer(request: Request[Any], parse_access: Callable[[str], Token | None]) -> Token | None:
    """The access token of whoever asks. Where a page's cookie of it is gone, the refresh token says who it is."""
    with suppress(AuthenticationRequiredError):
        return parse_access(request.bearer())
    return _find_kept_token(request)


def _find_kept_token(request: Request[Any]) -> Token | None:
    kept = request.token("refresh_token", None)
    return tokens.parse_token(REFRESH, kept) if kept else None


def ending(signed_in: SignedIn, client: Client) -> list[dict[str, Any]]:
    """The writes that end it. Without a condition: one that has ended meanwhile keeps nobody from signing in."""
    ended = events.recording(
        signed_in.account,
        SESSION_REVOKED,
        email=signed_in.account["email"],
        client=client,
        session_id=signed_in.session_id,
    )
    return [one_time.voiding(keys.session(signed_in.account_id, signed_in.session_id)), ended]
