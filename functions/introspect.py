"""POST /oauth/introspect: is this access token good, and whose is it? For the team's services that API Gateway does not
guard (RFC 7662), which sign their question with IAM credentials (§2.1: else tokens could be tried here one by one).
"""

from typing import Literal

import msgspec

from rekey import clock
from rekey.api.errors import IamRequiredError, InvalidRequestError
from rekey.api.http import Form, Request, entry_point, route
from rekey.sessions import sessions, tokens
from rekey.sessions.tokens import ACCESS


class IntrospectionRequest(Form):
    """RFC 7662 §2.1. The hint is taken and not needed: a token's prefix says what it is."""

    token: str
    token_type_hint: str | None = None


class ActiveToken(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 7662 §2.2. `sub` is the account, `sid` the session, `amr` how the person signed in; times are seconds."""

    active: Literal[True]
    sub: str
    sid: str
    token_type: Literal["Bearer"]
    exp: int
    iat: int | None = None
    """Not told of a token that has been replaced and is still good for what is left of its life."""
    auth_time: int
    amr: list[str]


class InactiveToken(msgspec.Struct):
    """Nothing more (§2.2): whether it is unknown, expired, revoked or no access token is nobody's business."""

    active: Literal[False] = False


@route(
    "POST /oauth/introspect",
    body=IntrospectionRequest,
    answers=(ActiveToken, InactiveToken),
    refuses=(IamRequiredError, InvalidRequestError),
)
def introspect(request: Request[IntrospectionRequest]) -> ActiveToken | InactiveToken:
    """Say whether an access token is good now, and whose it is (RFC 7662).

    A refresh token is never active: a service that let its holder in would take it for an access token.
    """
    request.require_caller()
    token = tokens.parse_token(ACCESS, request.body.token)
    signed_in, _ = sessions.find_session(token) if token else (None, [])
    if not token or not signed_in:
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
