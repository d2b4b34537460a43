"""The session that a hosted page's browser already has ends when another begins in its place (ASVS 7.2.4)."""

from __future__ import annotations

from typing import Any

from rekey.accounts import events, keys
from rekey.accounts.event_types import SESSION_REVOKED
from rekey.api.http import Request
from rekey.sessions import one_time, sessions, tokens
from rekey.sessions.tokens import REFRESH


def ending_kept(request: Request[Any]) -> list[dict[str, Any]]:
    """The writes that end the session whose refresh token a page's cookie holds; none for any other client.

    It may be another account's, of whoever used this browser before. It must be living, and the token one of its own:
    so a cookie that was forged, or planted, ends nothing that its maker could not end anyway (RFC 7009). The delete has
    no condition, so a session that has ended meanwhile keeps nobody from signing in.
    """
    kept = request.token("refresh_token", None)
    token = tokens.parse_token(REFRESH, kept) if kept else None
    signed_in, _ = sessions.find_session(token) if token else (None, [])
    if not token or not signed_in or not sessions.holds(signed_in.session, token):
        return []
    ended = events.recording(
        signed_in.account,
        SESSION_REVOKED,
        email=signed_in.account["email"],
        client=request.client,
        session_id=signed_in.session_id,
    )
    return [one_time.voiding(keys.session(signed_in.account_id, signed_in.session_id)), ended]
