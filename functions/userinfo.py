"""GET and POST /oauth/userinfo: who signed in, as far as the access token's scopes say (OpenID Connect Core §5.3)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from rekey.accounts import required_totp
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    InsufficientScopeError,
    TotpRequiredError,
)
from rekey.api.fields import AccountId, Email, LanguageTag
from rekey.api.http import Request, entry_point, route
from rekey.oauth import claims
from rekey.sessions import sessions

REFUSES = (AuthenticationRequiredError, AccessTokenInvalidError, InsufficientScopeError, TotpRequiredError)


class Person(msgspec.Struct, kw_only=True):
    """OpenID Connect Core §5.1."""

    sub: AccountId
    email: Email | UnsetType = UNSET
    """With the scope `email`."""
    email_verified: bool | UnsetType = UNSET
    locale: Annotated[LanguageTag, Meta(description="With the scope `profile`, if it is known")] | UnsetType = UNSET


@route("GET /oauth/userinfo", answers=(Person,), refuses=REFUSES)
def userinfo(request: Request[None]) -> Person:
    """Tell who signed in (OpenID Connect Core §5.3).

    The access token needs the scope `openid`.
    """
    return _tell(request)


@route("POST /oauth/userinfo", answers=(Person,), refuses=REFUSES)
def userinfo_by_post(request: Request[None]) -> Person:
    """Tell who signed in, asked by POST (OpenID Connect Core §5.3.1)."""
    return _tell(request)


def _tell(request: Request[None]) -> Person:
    signed_in, access, _ = sessions.require_access(request.bearer())
    access.require("openid")
    required_totp.require_met(signed_in.account)
    return Person(sub=signed_in.account_id, **claims.of_person(signed_in.account, list(access.scopes)))


lambda_handler = entry_point(userinfo, userinfo_by_post)
