"""POST /oauth/authorize: a code for an application, for whoever is signed in, or what is missing before there is one.

The hosted page asks, by a call of its own: its cookies are SameSite=Strict, so no other site's request brings them. The
code and all that it rests on (the session, the epoch, the connection) are one transaction.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from rekey import clock
from rekey.accounts import events, keys, required_totp
from rekey.accounts.event_types import APPLICATION_CONNECTED
from rekey.api.errors import (
    AccessTokenInvalidError,
    ClientUnknownError,
    ConflictError,
    ConsentRequiredError,
    InsufficientScopeError,
    RedirectUriInvalidError,
    RekeyError,
    SecondFactorRequiredError,
    SignInReason,
    SignInRequiredError,
    TooManyApplicationsError,
    TotpRequiredError,
    ValidationFailedError,
)
from rekey.api.http import Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import proofs
from rekey.oauth import clients, codes, connections, requests
from rekey.oauth.requests import AuthorizationRequest
from rekey.sessions import sessions, succession, tokens
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import Token
from rekey.settings import settings

REMEMBERED = 3600  # seconds in which the page comes back from a sign-in that was asked for
# What the application is told, where it wants nobody to be asked anything (OpenID Connect Core §3.1.2.6).
_SILENT: dict[type[RekeyError], str] = {
    SignInRequiredError: "login_required",
    TotpRequiredError: "interaction_required",
    SecondFactorRequiredError: "interaction_required",
    TooManyApplicationsError: "interaction_required",
    ConsentRequiredError: "consent_required",
}


class Redirect(msgspec.Struct):
    redirect_to: str
    """The application's address with a code, or with an error."""


@route(
    "POST /oauth/authorize",
    body=AuthorizationRequest,
    answers=(Redirect,),
    has_page=True,
    refuses=(
        ValidationFailedError,
        ClientUnknownError,
        RedirectUriInvalidError,
        SignInRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        TotpRequiredError,
        SecondFactorRequiredError,
        ConsentRequiredError,
        TooManyApplicationsError,
        ConflictError,
    ),
)
def authorize(request: Request[AuthorizationRequest]) -> Redirect:
    """Ask for an authorization code.

    Send the parameters of the query with which the application sent the person. The answer is where to send them back,
    or what they have to do first.
    """
    with suppress(ConditionFailedError):
        return _authorize(request)
    try:  # what it was judged by has changed since it was read: the session, the epoch, or the connections
        return _authorize(request)
    except ConditionFailedError:
        raise ConflictError from None


def _authorize(request: Request[AuthorizationRequest]) -> Redirect:
    asked = request.body
    token, signed_in, client = _read(request)
    if not client:
        raise ClientUnknownError
    request.note(client_id=asked.client_id)
    uri = requests.redirect_uri(asked, client)
    if not uri:
        raise RedirectUriInvalidError
    error = requests.find_error(asked, client)
    if error:
        return _answer(request, uri, error=error)
    try:
        if not signed_in or not token:
            raise _nobody(request, client)
        _require_signed_in(asked, client, signed_in, token)
        connection = _require_connection(asked, client, signed_in.account)
    except (*_SILENT,) as lack:
        if "none" not in asked.prompts():
            raise
        return _answer(request, uri, error=_SILENT[type(lack)])
    return _answer(request, uri, code=_issue(request, client, signed_in, connection))


def _answer(request: Request[AuthorizationRequest], uri: str, **parameters: str) -> Redirect:
    return Redirect(requests.answer(uri, request.issuer, request.body, **parameters))


def _read(request: Request[AuthorizationRequest]) -> tuple[Token | None, SignedIn | None, Row | None]:
    """Whoever is signed in, by which token, and the application, in one trip."""
    if not clients.is_id(request.body.client_id):
        return None, None, None
    token = succession.find_bearer(request, tokens.parse_access)
    wanted = (settings().accounts_table, keys.client(request.body.client_id))
    if not token:
        (client,) = store.get_many(wanted)
        return None, None, client
    signed_in, (client,) = sessions.find_session(token, wanted)
    if not signed_in or not sessions.holds(signed_in.session, token):
        return token, None, client
    return token, signed_in, client


def _require_signed_in(asked: AuthorizationRequest, client: Row, signed_in: SignedIn, token: Token) -> None:
    """Whether the sign-in is one that the application takes.

    Raises AccessTokenInvalidError, InsufficientScopeError, SignInRequiredError, TotpRequiredError,
    SecondFactorRequiredError.
    """
    session, account = signed_in.session, signed_in.account
    access = sessions.find_access(token, session)
    if not access:
        raise AccessTokenInvalidError  # to be refreshed: then the person need not sign in
    access.require(tokens.ACCOUNT)  # an application may not let in others
    reason = _why_again(asked, session)
    if reason:
        raise _signing_in(asked, client, reason)
    required_totp.require_met(account)
    if asked.asks_for_two_factors() and not proofs.is_by_two(session):
        raise SecondFactorRequiredError(client_name=client["name"], enrolled="totp_secret" in account)


def _nobody(request: Request[AuthorizationRequest], client: Row) -> RekeyError:
    """Somebody has to sign in. Whoever sent a bearer token refreshes it first, or leaves it out."""
    if request.authorization:
        return AccessTokenInvalidError()
    return _signing_in(request.body, client, "create" if "create" in request.body.prompts() else "signed_out")


def _why_again(asked: AuthorizationRequest, session: Row) -> SignInReason | None:
    """Why somebody who is signed in has to sign in again, unless they have, since the application asked."""
    since, now = asked.page.since, clock.now()
    if since is not None and now - REMEMBERED <= since <= session["authenticated_at"]:
        return None
    if "create" in asked.prompts():
        return "create"
    if asked.prompts() & {"login", "select_account"}:
        return "prompt"
    is_old = asked.max_age and now - session["authenticated_at"] > int(asked.max_age)
    return "max_age" if is_old else None


def _signing_in(asked: AuthorizationRequest, client: Row, reason: SignInReason) -> SignInRequiredError:
    return SignInRequiredError(
        reason=reason,
        asked_at=clock.now(),
        client_name=client["name"],
        login_hint=asked.login_hint,
        ui_locales=asked.ui_locales,
    )


def _require_connection(asked: AuthorizationRequest, client: Row, account: Row) -> Row:
    """What the application may have from now on: the team's own asks nobody, unless it wants to.

    Consent counts for the scopes that were shown, and no others. Raises ConsentRequiredError, TooManyApplicationsError.
    """
    scopes = asked.scopes(client)
    connection = connections.find(account, client)
    is_asked = "consent" in asked.prompts() or not (client["first_party"] or connections.covers(connection, scopes))
    if is_asked and set(asked.page.consent or ()) != set(scopes):
        raise ConsentRequiredError(client_name=client["name"], scopes=scopes, email=account["email"])
    if connection and connections.covers(connection, scopes):
        return connection
    return connections.widened(account, client, scopes)


def _issue(request: Request[AuthorizationRequest], client: Row, signed_in: SignedIn, connection: Row) -> str:
    """A code, if all that it rests on still holds: nobody has been signed out, nor the application withdrawn."""
    asked, account = request.body, signed_in.account
    code, issuing = codes.issue(
        signed_in, asked, asked.scopes(client), asked.audience(client), connection["connection"]
    )
    is_known = connection == connections.find(account, client)
    store.transact(
        issuing,
        sessions.enduring(signed_in),
        connections.keeping(account, client, connection),
        *([] if is_known else [_connected(request, client, account, connection)]),
    )
    return str(code)


def _connected(request: Request[AuthorizationRequest], client: Row, account: Row, connection: Row) -> dict[str, Any]:
    return events.recording(
        account,
        APPLICATION_CONNECTED,
        email=account["email"],
        client=request.client,
        client_id=client["client_id"],
        application=connection["name"],
        party="first" if client["first_party"] else "third",
        scopes=connection["scopes"],
    )


lambda_handler = entry_point(authorize)
