"""Cognito's users as rows of an import: in the columns of `get-csv-header`, or as `list-users` prints them.

What Rekey has no use for is passed over by its name: a misspelt column is refused here, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

MFA_ENABLED = "cognito:mfa_enabled"

_UNUSED = {
    *("sub", "identities", "Username", "UserLastModifiedDate", "MFAOptions"),
    *("cognito:username", "cognito:email_alias", "cognito:phone_number_alias"),
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "birthdate", "zoneinfo", "phone_number", "phone_number_verified", "address", "updated_at"),
}
_OF_THE_POOL = ("custom:", "dev:custom:")
_TELLING = {"Username", "UserStatus", "UserCreateDate"}
_ENDED = {"ARCHIVED", "COMPROMISED"}  # of UserStatus: nobody signs in
_NOT = {"true": "false", "false": "true"}


def is_header(names: Iterable[str]) -> bool:
    """Whether a file's columns are Cognito's."""
    return any(name.startswith("cognito:") or name in _TELLING for name in names)


def of_columns(row: dict[str, Any]) -> dict[str, Any]:
    """What Cognito says beside the attributes (UserStatus, Enabled, UserCreateDate) may be columns, too."""
    kept = {name: value for name, value in row.items() if name not in _UNUSED and not name.startswith(_OF_THE_POOL)}
    status, enabled, created = (kept.pop(name, "") for name in ("UserStatus", "Enabled", "UserCreateDate"))
    if status == "UNCONFIRMED":
        kept["email_verified"] = "false"
    if enabled not in {"", None}:
        kept["disabled"] = _NOT.get(str(enabled).lower(), enabled)
    if status in _ENDED:
        kept["disabled"] = "true"
    if created:
        kept["created_at"] = _iso(created)
    return kept


def of_user(user: dict[str, Any]) -> dict[str, Any] | None:
    """An attribute that is not there is not true. None for what is no user."""
    try:
        attributes = {each["Name"]: each["Value"] for each in user["Attributes"]}
    except (KeyError, TypeError):
        return None
    rest = {name: value for name, value in user.items() if name != "Attributes"}
    mfa = "true" if user.get("MFAOptions") else "false"
    return of_columns({"email_verified": "false", MFA_ENABLED: mfa, **attributes, **rest})


def _iso(created: Any) -> str:
    """AWS's first command line writes seconds, its second ISO 8601. What is neither stays as it is, to be refused."""
    try:
        return datetime.fromtimestamp(float(created), UTC).isoformat()
    except (ValueError, TypeError, OverflowError, OSError):
        return str(created)
