"""POST /revoke-tokens and POST /oauth/revoke: end all sessions, all others, or one, from the next request on."""

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import Meta

from rekey.accounts import changes, events
from rekey.accounts.event_types import SESSION_REVOKED, SESSIONS_REVOKED
from rekey.api.client import Client
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    ConflictError,
    InsufficientScopeError,
    InvalidClientError,
    InvalidRequestError,
    SessionNotFoundError,
    ValidationFailedError,
)
from rekey.api.http import Json, Request, SignedOut, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.oauth import authentication
from rekey.oauth.authentication import ClientForm
from rekey.sessions import sessions, tokens
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import ACCESS, REFRESH


class RevokeRequest(Json):
    scope: Literal["all", "others", "session"]
    session_id: Annotated[str, Meta(description="Only with the scope `session`", max_length=64)] | None = None


class OAuthRevokeRequest(ClientForm, kw_only=True):
    """RFC 7009 §2.1. An application says which it is; a sign-in to Rekey itself is revoked by who has its token."""

    token: Annotated[str, Meta(description="An access or refresh token")]
    token_type_hint: Annotated[str, Meta(description="Not needed: a token's form says what it is")] | None = None


@route(
    "POST /revoke-tokens",
    body=RevokeRequest,
    status=HTTPStatus.NO_CONTENT,
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        SessionNotFoundError,
        ConflictError,
    ),
)
def revoke_tokens(request: Request[RevokeRequest]) -> SignedOut | None:
    """End all sessions, all others, or one.

    They end from the next request on.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    body = request.body
    if (body.scope == "session") != (body.session_id is not None):
        raise ValidationFailedError("session_id", "missing" if body.session_id is None else "unknown")
    if body.session_id is None:
        _raise_epoch(signed_in, request.client, keep_this=body.scope == "others")
    else:
        _end_one(signed_in, body.session_id, request.client)
    return SignedOut() if body.scope == "all" or body.session_id == signed_in.session_id else None


def _raise_epoch(signed_in: SignedIn, client: Client, *, keep_this: bool) -> None:
    """One write ends one session or ten thousand: each carries the epoch it was made in."""
    seen = signed_in.session["epoch"]
    epoch = changes.next_epoch(seen)
    scope = "others" if keep_this else "all"
    try:
        store.transact(
            changes.updating(signed_in.account, changes.moving_epoch(seen, epoch)),
            *([sessions.keeping(signed_in, epoch)] if keep_this else []),
            events.recording(
                signed_in.account, SESSIONS_REVOKED, email=signed_in.account["email"], client=client, scope=scope
            ),
        )
    except ConditionFailedError:
        raise ConflictError from None


def _end_one(signed_in: SignedIn, session_id: str, client: Client) -> None:
    """The key names the caller's own account, so another account's session is simply not there (ASVS 8.2.2)."""
    revoked = events.recording(
        signed_in.account, SESSION_REVOKED, email=signed_in.account["email"], client=client, session_id=session_id
    )
    try:
        store.transact(sessions.ending(signed_in.account_id, session_id), revoked)
    except ConditionFailedError:
        raise SessionNotFoundError from None


@route("POST /oauth/revoke", body=OAuthRevokeRequest, refuses=(InvalidRequestError, InvalidClientError))
def oauth_revoke(request: Request[OAuthRevokeRequest]) -> None:
    """Revoke a token and its session (RFC 7009).

    An unknown token is answered alike (§2.2), and so is another application's.
    """
    token = tokens.parse_refresh(request.body.token) or tokens.parse_access(request.body.token)
    if not token:
        return
    claim = None if token.purpose in {ACCESS, REFRESH} else authentication.find(request)  # those are no application's
    signed_in, clients = sessions.find_session(token, *([claim.key()] if claim else []))
    if claim:
        authentication.require(clients[0], claim)
    if not signed_in or not sessions.holds(signed_in.session, token):
        return
    client_id = signed_in.session.get("client_id")
    if client_id and not claim:
        raise InvalidClientError
    if client_id == (claim.client_id if claim else None):
        with suppress(SessionNotFoundError):
            _end_one(signed_in, token.token_id, request.client)


lambda_handler = entry_point(revoke_tokens, oauth_revoke)
