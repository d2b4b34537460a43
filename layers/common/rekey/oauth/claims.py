"""What applications are told of a person, by the scopes that they have (OpenID Connect Core §5.4)."""

from __future__ import annotations

from typing import Any

from rekey.aws.store import Row


def of_person(account: Row, scopes: list[str]) -> dict[str, Any]:
    """What the scopes open of an account (OpenID Connect Core §5.4): in an ID token, and at `/oauth/userinfo`.

    No address is kept here that its owner has not proven.
    """
    claims: dict[str, Any] = {}
    if "email" in scopes:
        claims |= {"email": account["email"], "email_verified": True}
    if "profile" in scopes and account.get("locale"):
        claims["locale"] = account["locale"]
    return claims
