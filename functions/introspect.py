"""POST /oauth/introspect: is this access token good, and whose is it? For services that API Gateway does not guard
(RFC 7662). The team's own sign their question with IAM credentials; an application asks as itself, of the tokens that
concern it (§2.1: else tokens could be tried here one by one).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rekey.accounts import required_totp
from rekey.api.errors import IamRequiredError, InvalidClientError, InvalidRequestError
from rekey.api.http import Form, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import Row
from rekey.oauth import authentication
from rekey.oauth.authentication import ClientForm
from rekey.sessions import sessions, tokens
from rekey.sessions.sessions import Access, SignedIn
from rekey.sessions.tokens import Token

AccessTokenText = Annotated[str, Meta(description="An access token")]
Hint = Annotated[str, Meta(description="Not needed: a token's form says what it is")]


class IntrospectionRequest(Form):
    """RFC 7662 §2.1."""

    token: AccessTokenText
    token_type_hint: Hint | None = None


class ClientIntrospectionRequest(ClientForm, kw_only=True):
    """RFC 7662 §2.1, with client authentication."""

    token: AccessTokenText
    token_type_hint: Hint | None = None


class ActiveToken(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 7662 §2.2. Times are seconds since 1970."""

    active: Literal[True]
    sub: Annotated[str, Meta(description="The account's id")]
    sid: Annotated[str, Meta(description="The session's id")]
    token_type: Literal["Bearer"]
    scope: Annotated[str, Meta(description="Scopes, with a space between")]
    client_id: Annotated[str, Meta(description="The application; left out for a sign-in to Rekey itself")] | None = None
    aud: Annotated[list[str], Meta(description="The APIs that it is for; left out if none was named")] = []
    exp: int
    iat: Annotated[int, Meta(description="Left out for a token that has been replaced")] | None = None
    auth_time: Annotated[int, Meta(description="When the person signed in")]
    amr: Annotated[list[str], Meta(description="How the person signed in (RFC 8176)")]


class InactiveToken(msgspec.Struct):
    """RFC 7662 §2.2: the answer for a token that is unknown, expired, revoked or no access token, that does not concern
    the application that asks, or whose owner lacks a second factor that is required.
    """

    active: Literal[False] = False


@route(
    "POST /oauth/introspect",
    body=IntrospectionRequest,
    answers=(ActiveToken, InactiveToken),
    refuses=(IamRequiredError, InvalidRequestError),
)
def introspect(request: Request[IntrospectionRequest]) -> ActiveToken | InactiveToken:
    """Introspect an access token (RFC 7662).

    A refresh token is never active: a service that let its holder in would take it for an access token.
    """
    request.require_caller()
    token = tokens.parse_access(request.body.token)
    signed_in, _ = sessions.find_session(token) if token else (None, [])
    return _describe(token, signed_in)


@route(
    "POST /oauth/introspect/client",
    body=ClientIntrospectionRequest,
    answers=(ActiveToken, InactiveToken),
    refuses=(InvalidClientError, InvalidRequestError),
)
def introspect_as_client(request: Request[ClientIntrospectionRequest]) -> ActiveToken | InactiveToken:
    """Introspect an access token as an application (RFC 7662).

    It proves itself by its secret. Active are its own tokens, and those for an audience that is registered for it.
    """
    claim = authentication.read(request)
    token = tokens.parse_access(request.body.token)
    signed_in, (client,) = sessions.find_session(token, claim.key()) if token else (None, store.get_many(claim.key()))
    return _describe(token, signed_in, authentication.require_confidential(client, claim))


def _describe(
    token: Token | None, signed_in: SignedIn | None, client: Row | None = None
) -> ActiveToken | InactiveToken:
    """Of the tokens that concern a client, if one asks."""
    access = sessions.find_access(token, signed_in.session) if token and signed_in else None
    if not token or not signed_in or not access or required_totp.is_lacking(signed_in.account):
        return InactiveToken()
    if client and not _concerns(access, client):
        return InactiveToken()
    session = signed_in.session
    return ActiveToken(
        active=True,
        sub=signed_in.account_id,
        sid=signed_in.session_id,
        token_type="Bearer",  # noqa: S106 - a scheme
        scope=" ".join(access.scopes),
        client_id=access.client_id or None,
        aud=list(access.audience),
        exp=access.expires_at,
        iat=session["refreshed_at"] if token.matches(session["access_digest"]) else None,
        auth_time=session["authenticated_at"],
        amr=session["method"].split(),
    )


def _concerns(access: Access, client: Row) -> bool:
    return access.client_id == client["client_id"] or not {*access.audience}.isdisjoint(client["audiences"])


lambda_handler = entry_point(introspect, introspect_as_client)
