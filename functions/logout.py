"""POST /oauth/logout: sign out, and go back to the application that asked for it (OpenID Connect RP-Initiated Logout).

Another site could send people here to annoy them. So they are asked, unless an ID token proves that their own
application sends them.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated, Any

from msgspec import Meta

from rekey import clock
from rekey.accounts import events, keys
from rekey.accounts.event_types import SESSION_REVOKED
from rekey.api.errors import (
    ConfirmationRequiredError,
    RedirectUriInvalidError,
    ValidationFailedError,
)
from rekey.api.http import Parameters, Request, SignedOutTo, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.oauth import clients, id_tokens, jwt, uris
from rekey.sessions import sessions, succession, tokens
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import ACCESS
from rekey.settings import settings

Text = Annotated[str, Meta(max_length=2000)]


class LogoutRequest(Parameters, kw_only=True):
    """The parameters of the query (§2), and whether the person has said yes on the page."""

    id_token_hint: Annotated[str, Meta(max_length=8000)] | None = None
    client_id: Text | None = None
    post_logout_redirect_uri: Text | None = None
    state: Text | None = None
    confirmed: bool = False


@route(
    "POST /oauth/logout",
    body=LogoutRequest,
    answers=(SignedOutTo,),
    has_page=True,
    refuses=(ValidationFailedError, RedirectUriInvalidError, ConfirmationRequiredError),
)
def logout(request: Request[LogoutRequest]) -> SignedOutTo:
    """Sign out, and find out where to go on.

    The session that asks ends, and the application's own that its ID token names. Its other sessions stay.
    """
    asked = request.body
    hint = _read_hint(request, asked.id_token_hint or "")
    if hint and asked.client_id not in {None, hint["aud"]}:
        hint = None  # an application does not speak for another
    while True:  # of two sessions each may have ended since it was read: then there is one less to end
        with suppress(ConditionFailedError):
            return _logout(request, hint)


def _read_hint(request: Request[LogoutRequest], text: str) -> dict[str, Any] | None:
    """The claims of an ID token of ours. It may have expired, as most have by then, but not before every session."""
    claims = jwt.verify(text, id_tokens.TYP)
    if not claims or claims["iss"] != request.issuer or claims["iat"] <= clock.now() - settings().session_life:
        return None
    return claims


def _logout(request: Request[LogoutRequest], hint: dict[str, Any] | None) -> SignedOutTo:
    token = succession.find_bearer(request, partial(tokens.parse_token, ACCESS))
    client_id = hint["aud"] if hint else request.body.client_id
    own = (token.owner, token.token_id) if token else None
    named = (hint["sub"], hint["sid"]) if hint else None
    rows = _read(own, named, client_id if clients.is_id(client_id or "") else None)
    redirect_to = _redirect(request.body, rows.get(client_id or ""))
    browser, application = _living(rows, own), _living(rows, named)
    if browser and ("client_id" in browser.session or not token or not sessions.holds(browser.session, token)):
        browser = None  # an application's own token says nothing of who is at the browser
    is_proven = hint is not None and (not browser or browser.account_id == hint["sub"])
    if browser and not is_proven and not request.body.confirmed:
        raise ConfirmationRequiredError
    ended = {each.session_id: each for each in (browser, application) if each}
    writes = [write for each in ended.values() for write in _ending(each, request)]
    if writes:
        store.transact(*writes)
    return SignedOutTo(redirect_to)


def _read(own: tuple[str, str] | None, named: tuple[str, str] | None, client_id: str | None) -> dict[Any, Row]:
    """In one trip: each session with its account, by the ids, and the application; what is there of them."""
    wanted: dict[Any, tuple[str, Row]] = {}
    for account_id, session_id in filter(None, (own, named)):
        wanted[account_id, session_id] = (settings().tokens_table, keys.session(account_id, session_id))
        wanted[account_id, ""] = (settings().accounts_table, keys.account(account_id))
    if client_id:
        wanted[client_id] = (settings().accounts_table, keys.client(client_id))
    found = store.get_many(*wanted.values()) if wanted else []
    return {name: row for name, row in zip(wanted, found, strict=True) if row}


def _living(rows: dict[Any, Row], ids: tuple[str, str] | None) -> SignedIn | None:
    if not ids:
        return None
    session, account = rows.get(ids), rows.get((ids[0], ""))
    return SignedIn(session, account) if session and account and sessions.is_living(session, account) else None


def _redirect(asked: LogoutRequest, client: Row | None) -> str | None:
    """Where the application has the person sent back. Raises RedirectUriInvalidError for what it has not registered."""
    uri = asked.post_logout_redirect_uri
    if uri is None:
        return None
    if not client or uri not in client["post_logout_redirect_uris"]:
        raise RedirectUriInvalidError
    if asked.state is None:
        return uri
    return uris.with_query(uri, {"state": asked.state})


def _ending(ended: SignedIn, request: Request[LogoutRequest]) -> list[dict[str, Any]]:
    revoked = events.recording(
        ended.account,
        SESSION_REVOKED,
        email=ended.account["email"],
        client=request.client,
        session_id=ended.session_id,
    )
    return [sessions.ending(ended.account_id, ended.session_id), revoked]


lambda_handler = entry_point(logout)
