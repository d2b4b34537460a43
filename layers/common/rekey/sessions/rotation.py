"""Refreshing a session: its tokens are replaced each time (RFC 6749 §6, RFC 9700 §4.14, docs/decisions/0004).

The next token is derived from the one presented and a salt that only the session's row holds. So a repeated request,
after a lost answer or from a second tab, gets the same next token for a short grace, and there is only one line of
descent. A token from further up that line, or one that another program or network repeats, is in two hands: the session
ends.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import msgspec

from rekey import clock
from rekey.accounts import events
from rekey.accounts.event_types import REFRESH_REUSED
from rekey.api.client import Client
from rekey.api.errors import InvalidGrantError, InvalidScopeError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.sessions import sessions, tokens
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import ACCESS, NARROW, REFRESH, Token
from rekey.settings import settings


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the next access token is to be."""

    scopes: list[str]
    life: int
    """Seconds."""
    write: Callable[[Token, Row], str] = lambda derived, _: str(derived)
    """Its text, of the derived token and the session as it will stand; always the same for the same two."""


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int


def refresh(signed_in: SignedIn, token: Token, wanted: Wanted, client: Client) -> Refreshed:
    """The tokens that follow the one presented. Raises InvalidGrantError, InvalidScopeError."""
    session, now = signed_in.session, clock.now()
    if not token.matches(session["refresh_digest"]):
        return _repeat(signed_in, token, wanted, now, client)
    next_session, access = _succeed(session, token, wanted, now, client)
    try:
        store.update(_replacing(session, next_session))
    except ConditionFailedError as found:
        if not found.row:
            raise InvalidGrantError from None  # the session was ended meanwhile
        return _repeat(SignedIn(found.row, signed_in.account), token, wanted, now, client)
    return _answer(next_session, token, access, now)


def _succeed(session: Row, token: Token, wanted: Wanted, now: int, client: Client) -> tuple[Row, str]:
    """The session as it will stand, and its access token."""
    expires_at = min(now + settings().session_idle, session["created_at"] + settings().session_life)
    after = {
        **session,
        "refresh_digest": _next_refresh(session, token).digest(),
        "previous_refresh_digest": token.digest(),
        "refreshed_at": now,
        "refreshed_by": client.caller,
        "access_expires_at": min(now + wanted.life, expires_at),
        "access_scopes": wanted.scopes,
        "expires_at": expires_at,
        "previous_access_digest": session["access_digest"],
        "previous_access_expires_at": session["access_expires_at"],
        "previous_access_scopes": session.get("access_scopes"),
    }
    access = _next_access(after, token, wanted)
    return {**after, "access_digest": tokens.digest_of(access)}, access


def _replacing(session: Row, after: Row) -> dict[str, Any]:
    """The write by which a session goes on, if its refresh token is still the one that was presented.

    It has no client token to make it idempotent: should a retry meet its own effect, or another request's, the row it
    finds tells the same story. It sets what changes, and nothing that another flow may have changed meanwhile.
    """
    values = {name: value for name, value in after.items() if value is not None and value != session.get(name)}
    return store.updating(
        settings().tokens_table,
        {"pk": session["pk"], "sk": session["sk"]},
        f"SET {', '.join(f'{name} = :{name}' for name in values)}, generation = generation + :one",
        "refresh_digest = :previous_refresh_digest",
        one=1,
        **values,
    )


def _next_refresh(session: Row, token: Token) -> Token:
    return tokens.derive_token(token.purpose, token, session["refresh_salt"])


def _next_access(session: Row, token: Token, wanted: Wanted) -> str:
    is_whole = token.purpose == REFRESH and tokens.ACCOUNT in wanted.scopes  # never an application's
    derived = tokens.derive_token(ACCESS if is_whole else NARROW, token, session["refresh_salt"])
    return wanted.write(derived, session)


def _answer(session: Row, token: Token, access: str, now: int) -> Refreshed:
    return Refreshed(
        access_token=access,
        refresh_token=str(_next_refresh(session, token)),
        expires_in=session["access_expires_at"] - now,
        refresh_expires_in=session["expires_at"] - now,
    )


def _repeat(signed_in: SignedIn, token: Token, wanted: Wanted, now: int, client: Client) -> Refreshed:
    """The tokens that follow the presented one, if it is the one before the current and the grace is not over.

    The grace is for whoever made the rotation: a thief who repeats each one would be given the owner's tokens, unseen.
    """
    session = signed_in.session
    is_previous = token.matches(session.get("previous_refresh_digest"))
    in_grace = now <= session["refreshed_at"] + settings().refresh_grace
    if is_previous and in_grace and session.get("refreshed_by", client.caller) == client.caller:
        return _again(session, token, wanted, now)
    if is_previous or sessions.is_ancestor(session, token):
        _end_stolen(signed_in, client)
    raise InvalidGrantError


def _again(session: Row, token: Token, wanted: Wanted, now: int) -> Refreshed:
    """As the row has it. Whoever asks for other scopes than the first time is not given a token that has those."""
    if {*wanted.scopes} != {*session.get("access_scopes", wanted.scopes)}:
        raise InvalidScopeError
    access = _next_access(session, token, wanted)
    if not hmac.compare_digest(tokens.digest_of(access), session["access_digest"]):
        raise InvalidGrantError  # a JWT that was signed by another key, or an application that has turned to JWTs
    return _answer(session, token, access, now)


def _end_stolen(signed_in: SignedIn, client: Client) -> None:
    """Whoever holds the newer token, they or the owner, has to sign in again (ASVS 10.4.5)."""
    reused = events.recording(
        signed_in.account,
        REFRESH_REUSED,
        email=signed_in.account["email"],
        client=client,
        session_id=signed_in.session_id,
    )
    try:
        store.transact(sessions.ending(signed_in.account_id, signed_in.session_id), reused)
    except ConditionFailedError:
        return  # already ended
