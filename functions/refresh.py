"""POST /oauth/token: a new access token for a refresh token, which is replaced each time (RFC 6749 §6, RFC 9700 §4.14).

The next token is derived from the one presented and a salt that only the session's row holds. So a repeated request,
after a lost answer or from a second tab, gets the same next token for a short grace, and there is only one line of
descent. A token from further up that line, or one that another program or network repeats, is in two hands: the session
ends.
"""

from typing import Annotated

from msgspec import Meta

from rekey import clock
from rekey.accounts import events
from rekey.accounts.event_types import REFRESH_REUSED
from rekey.api.client import Client
from rekey.api.errors import InvalidGrantError, InvalidRequestError, UnsupportedGrantTypeError
from rekey.api.fields import RefreshToken
from rekey.api.http import Form, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.sessions import sessions, tokens
from rekey.sessions.sessions import SignedIn, Tokens
from rekey.sessions.tokens import ACCESS, REFRESH, Token
from rekey.settings import settings


class TokenRequest(Form):
    grant_type: Annotated[str, Meta(extra_json_schema={"const": "refresh_token"})]
    refresh_token: RefreshToken | None = None


@route(
    "POST /oauth/token",
    body=TokenRequest,
    answers=(Tokens,),
    refuses=(InvalidRequestError, InvalidGrantError, UnsupportedGrantTypeError),
)
def refresh(request: Request[TokenRequest]) -> Tokens:
    """Refresh the tokens (RFC 6749 §6).

    The refresh token is replaced each time. One that is used again ends the session.
    """
    if request.body.grant_type != "refresh_token":
        raise UnsupportedGrantTypeError
    presented = request.token("refresh_token", request.body.refresh_token)
    if not presented:
        raise InvalidRequestError
    token = tokens.parse_token(REFRESH, presented)
    signed_in, _ = sessions.find_session(token) if token else (None, [])
    if not token or not signed_in:
        raise InvalidGrantError
    session, now = signed_in.session, clock.now()
    if token.matches(session["refresh_digest"]):
        session = _rotate(session, token, now, request.client)
    return _repeat(signed_in, session, token, now, request.client)


def _rotate(session: Row, token: Token, now: int, client: Client) -> Row:
    """Replace the token by its successor, if it is still the current one; the session as it then stands.

    The write has no client token to make it idempotent: should a retry meet its own effect, or another request's, the
    row it finds tells the same story.
    """
    salt = session["refresh_salt"]
    expires_at = min(now + settings().session_idle, session["created_at"] + settings().session_life)
    rotation = store.updating(
        settings().tokens_table,
        {"pk": session["pk"], "sk": session["sk"]},
        "SET refresh_digest = :refresh, previous_refresh_digest = :presented, refreshed_at = :now,"
        " refreshed_by = :caller,"
        " access_digest = :access, access_expires_at = :access_expires_at, expires_at = :expires_at,"
        " previous_access_digest = access_digest, previous_access_expires_at = access_expires_at,"
        " generation = generation + :one",
        "refresh_digest = :presented",
        presented=token.digest(),
        refresh=tokens.derive_token(REFRESH, token, salt).digest(),
        access=tokens.derive_token(ACCESS, token, salt).digest(),
        access_expires_at=min(now + settings().access_token_life, expires_at),
        expires_at=expires_at,
        now=now,
        caller=client.caller,
        one=1,
    )
    try:
        return store.update(rotation)
    except ConditionFailedError as found:
        if not found.row:
            raise InvalidGrantError from None  # the session was ended meanwhile
        return found.row


def _repeat(signed_in: SignedIn, session: Row, token: Token, now: int, client: Client) -> Tokens:
    """The tokens that follow the presented one, if it is the one before the current and the grace is not over.

    The grace is for whoever made the rotation: a thief who repeats each one would be given the owner's tokens, unseen.
    """
    is_previous = token.matches(session.get("previous_refresh_digest"))
    in_grace = now <= session["refreshed_at"] + settings().refresh_grace
    if is_previous and in_grace and session.get("refreshed_by", client.caller) == client.caller:
        return Tokens(
            access_token=str(tokens.derive_token(ACCESS, token, session["refresh_salt"])),
            refresh_token=str(tokens.derive_token(REFRESH, token, session["refresh_salt"])),
            expires_in=session["access_expires_at"] - now,
            refresh_expires_in=session["expires_at"] - now,
        )
    if is_previous or sessions.is_ancestor(session, token):
        _end_stolen(signed_in, client)
    raise InvalidGrantError


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


lambda_handler = entry_point(refresh)
