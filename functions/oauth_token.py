"""POST /oauth/token: tokens for a code, and new tokens for a refresh token (RFC 6749 §4.1.3 and §6)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from rekey.accounts import required_totp
from rekey.api.errors import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedGrantTypeError,
)
from rekey.api.fields import RefreshToken, Seconds
from rekey.api.http import Request, entry_point, route
from rekey.aws.store import Row
from rekey.oauth import access_tokens, authentication, redemption
from rekey.oauth.authentication import ClientForm
from rekey.oauth.redemption import Presented
from rekey.sessions import rotation, sessions, tokens
from rekey.sessions.rotation import Refreshed, Wanted
from rekey.sessions.tokens import OFFLINE, Token
from rekey.settings import settings

Scopes = Annotated[str, Meta(description="Scopes, with a space between", examples=["openid email"])]


class TokenRequest(ClientForm, kw_only=True):
    one_of: ClassVar[tuple[str, ...]] = ("code", "refresh_token")  # as the documents tell it; the grant type says which

    grant_type: Annotated[str, Meta(extra_json_schema={"enum": ["authorization_code", "refresh_token"]})]
    code: Annotated[str, Meta(description="From `/oauth/authorize`; valid once, for a minute")] | None = None
    redirect_uri: Annotated[str, Meta(description="The one that the code was sent to")] | None = None
    code_verifier: Annotated[str, Meta(description="RFC 7636 §4.1")] | None = None
    refresh_token: RefreshToken | None = None
    scope: (
        Annotated[str, Meta(description="With a refresh token: fewer scopes, for the new access token alone")] | None
    ) = None


class GrantedTokens(msgspec.Struct, kw_only=True):
    """RFC 6749 §5.1, OpenID Connect Core §3.1.3.3."""

    access_token: Annotated[str, Meta(description="Send it as `Authorization: Bearer …`; opaque, or a JWT")]
    refresh_token: RefreshToken | UnsetType = UNSET
    """Of an application: only with the scope `offline_access`."""
    id_token: Annotated[str, Meta(description="A JWT: who signed in")] | UnsetType = UNSET
    """For a code, with the scope `openid`."""
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme
    expires_in: Seconds
    """Of the access token: it ends with its session, if that is sooner."""
    refresh_expires_in: Seconds | UnsetType = UNSET
    """Of the refresh token: used before, it is replaced by one that lives on, to the end of the session."""
    scope: Scopes | UnsetType = UNSET
    """Of an application, or of what was narrowed."""


@route(
    "POST /oauth/token",
    body=TokenRequest,
    answers=(GrantedTokens,),
    refuses=(
        InvalidRequestError,
        InvalidClientError,
        InvalidGrantError,
        InvalidScopeError,
        UnsupportedGrantTypeError,
    ),
)
def token(request: Request[TokenRequest]) -> GrantedTokens:
    """Get tokens for a code, or refresh them (RFC 6749).

    A refresh token is replaced each time. A code or refresh token that is used again ends the session.
    """
    match request.body.grant_type:
        case "authorization_code":
            return _redeem(request)
        case "refresh_token":
            return _refresh(request)
    raise UnsupportedGrantTypeError


def _redeem(request: Request[TokenRequest]) -> GrantedTokens:
    body = request.body
    claim = authentication.read(request)
    if not body.code:
        raise InvalidRequestError
    presented = Presented(
        code=body.code,
        redirect_uri=body.redirect_uri or "",
        verifier=body.code_verifier or "",
        claim=claim,
        issuer=request.issuer,
    )
    redeemed = redemption.redeem(presented, request.client)
    return GrantedTokens(
        access_token=redeemed.access_token,
        refresh_token=redeemed.refresh_token or UNSET,
        refresh_expires_in=redeemed.refresh_expires_in if redeemed.refresh_token else UNSET,
        id_token=redeemed.id_token or UNSET,
        expires_in=redeemed.expires_in,
        scope=" ".join(redeemed.scopes),
    )


def _refresh(request: Request[TokenRequest]) -> GrantedTokens:
    presented = request.token("refresh_token", request.body.refresh_token)
    if not presented:
        raise InvalidRequestError
    token = tokens.parse_refresh(presented)
    if not token:
        raise InvalidGrantError
    return _refresh_of_application(request, token) if token.purpose == OFFLINE else _refresh_direct(request, token)


def _refresh_direct(request: Request[TokenRequest], token: Token) -> GrantedTokens:
    """Of a sign-in to Rekey itself: there is no application to prove anything."""
    signed_in, _ = sessions.find_session(token)
    if not signed_in:
        raise InvalidGrantError
    scopes = _narrowed(sessions.DIRECT, request.body.scope)
    wanted = Wanted(scopes=scopes, life=settings().access_token_life)
    refreshed = rotation.refresh(signed_in, token, wanted, request.client)
    return _granted(refreshed, scopes if request.body.scope else None)


def _refresh_of_application(request: Request[TokenRequest], token: Token) -> GrantedTokens:
    """Only the application that the session is of may do it, and only with what is still registered of it."""
    claim = authentication.read(request)
    signed_in, (found,) = sessions.find_session(token, claim.key())
    client = authentication.require(found, claim)
    if (
        not signed_in
        or signed_in.session.get("client_id") != client["client_id"]
        or "offline_access" not in client["scopes"]
        or required_totp.is_lacking(signed_in.account)
    ):
        raise InvalidGrantError
    scopes = _narrowed(signed_in.session["scopes"], request.body.scope, client)
    wanted = Wanted(
        scopes=scopes,
        life=access_tokens.life(client),
        write=partial(access_tokens.write, client, request.issuer),
    )
    refreshed = rotation.refresh(signed_in, token, wanted, request.client)
    return _granted(refreshed, scopes)


def _granted(refreshed: Refreshed, scopes: list[str] | None) -> GrantedTokens:
    return GrantedTokens(
        access_token=refreshed.access_token,
        refresh_token=refreshed.refresh_token,
        expires_in=refreshed.expires_in,
        refresh_expires_in=refreshed.refresh_expires_in,
        scope=UNSET if scopes is None else " ".join(scopes),
    )


def _narrowed(granted: tuple[str, ...] | list[str], asked: str | None, client: Row | None = None) -> list[str]:
    """The scopes that the access token gets: those granted, or those of them that are asked for (RFC 6749 §6), as far
    as the application has them still. Raises InvalidScopeError.
    """
    wanted = asked.split() if asked else list(granted)
    narrowed = [each for each in granted if each in wanted and (not client or each in client["scopes"])]
    if not narrowed or not {*wanted} <= {*granted}:
        raise InvalidScopeError
    return narrowed


lambda_handler = entry_point(token)
