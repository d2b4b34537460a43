"""POST /oauth/introspect: is this access token good, and whose is it? For the team's services that API Gateway does not
guard (RFC 7662), which sign their question with IAM credentials (§2.1: else tokens could be tried here one by one).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rekey import clock
from rekey.accounts import required_totp
from rekey.api.errors import IamRequiredError, InvalidRequestError
from rekey.api.http import Form, Request, entry_point, route
from rekey.sessions import sessions, tokens
from rekey.sessions.tokens import ACCESS


class IntrospectionRequest(Form):
    """RFC 7662 §2.1."""

    token: Annotated[str, Meta(description="An access token")]
    token_type_hint: Annotated[str, Meta(description="Not needed: a token's prefix says what it is")] | None = None


class ActiveToken(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 7662 §2.2. Times are seconds since 1970."""

    active: Literal[True]
    sub: Annotated[str, Meta(description="The account's id")]
    sid: Annotated[str, Meta(description="The session's id")]
    token_type: Literal["Bearer"]
    exp: int
    iat: Annotated[int, Meta(description="Left out for a token that has been replaced")] | None = None
    auth_time: Annotated[int, Meta(description="When the person signed in")]
    amr: Annotated[list[str], Meta(description="How the person signed in (RFC 8176)")]


class InactiveToken(msgspec.Struct):
    """RFC 7662 §2.2: the answer for a token that is unknown, expired, revoked or no access token, or whose owner lacks
    a second factor that is required.
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
    token = tokens.parse_token(ACCESS, request.body.token)
    signed_in, _ = sessions.find_session(token) if token else (None, [])
    if not token or not signed_in or required_totp.is_lacking(signed_in.account):
        return InactiveToken()
    session = signed_in.session
    expires_at = sessions.access_expires_at(token, session)
    if expires_at <= clock.now():
        return InactiveToken()
    return ActiveToken(
        active=True,
        sub=signed_in.account_id,
        sid=signed_in.session_id,
        token_type="Bearer",  # noqa: S106 - a scheme
        exp=expires_at,
        iat=session["refreshed_at"] if token.matches(session["access_digest"]) else None,
        auth_time=session["authenticated_at"],
        amr=session["method"].split(),
    )


lambda_handler = entry_point(introspect)
