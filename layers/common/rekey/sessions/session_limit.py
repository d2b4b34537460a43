"""How many sessions of an account live at once (`SessionLimit`, ASVS 7.1.2): when one begins, those least used end.

Least used is refreshed longest ago, as Keycloak and Spring Security have it: an app in daily use outlives a browser
that was left signed in. Two sign-ins at the same moment may see each other's session too late; the next one ends it.

Sessions of applications do not count, and do not end: whoever signs in to one would be signed out here for it.
"""

from __future__ import annotations

from typing import Any

from rekey.accounts import events, history
from rekey.accounts.event_types import SESSION_DISPLACED
from rekey.api.client import Client
from rekey.api.http import Request
from rekey.aws.store import Row
from rekey.sessions import one_time, succession
from rekey.settings import settings

MOST = 25  # ended at once, two writes each: a transaction takes a hundred. The next sign-in ends the next ones


def ending_replaced(account: Row, request: Request[Any]) -> list[dict[str, Any]]:
    """The writes that end what a new session of the account replaces: the browser's own, and those over the limit."""
    kept = succession.find_kept(request)
    ending_kept = succession.ending(kept, request.client) if kept else []
    displaced = _find_displaced(account, kept.session if kept else {}) if settings().session_limit else []
    return [*ending_kept, *(write for session in displaced for write in _displacing(account, session, request.client))]


def _find_displaced(account: Row, kept: Row) -> list[Row]:
    """What is over the limit with the new session: a row that ends anyhow counts no more, and is written but once."""
    limit = settings().session_limit
    living = history.living_sessions(account, limit + MOST, direct=True)
    others = [row for row in living if (row["pk"], row["sk"]) != (kept.get("pk"), kept.get("sk"))]
    others.sort(key=lambda row: (row["refreshed_at"], row["session_id"]))
    return others[: max(len(others) + 1 - limit, 0)][:MOST]


def _displacing(account: Row, session: Row, client: Client) -> list[dict[str, Any]]:
    """Without a condition: a session that has ended meanwhile keeps nobody from signing in."""
    ended = events.recording(
        account, SESSION_DISPLACED, email=account["email"], client=client, session_id=session["session_id"]
    )
    return [one_time.voiding({"pk": session["pk"], "sk": session["sk"]}), ended]
