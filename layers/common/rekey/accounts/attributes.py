"""The account's row, declared once: each attribute, and where what it holds may be seen.

Exports, imports and the document of them read this table; `GET /account` and `POST /admin/find` are held against it
(tests/admin/test_attributes.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from rekey.api.fields import LANGUAGE_TAG


class Column(NamedTuple):
    """A column of an export, and of an import into another Rekey."""

    name: str
    told: str
    """What it holds, for whoever makes a file of another system's accounts."""
    form: Callable[[str], object] | None = None
    """Where it holds what the row holds: whether a text has the form that an import takes."""


class Attribute(NamedTuple):
    """Where an attribute is seen, by the name it has there: `totp.enabled` is a member of a member.

    What is secret is told to nobody, as it is or derived, but for what its other columns name; a digest or a
    ciphertext is secret, too.
    """

    exported: Column | None = None
    owner: str | None = None
    """The member of `GET /account`."""
    admin: str | None = None
    """The member of `POST /admin/find`."""
    secret: bool = False


ATTRIBUTES = {
    "email": Attribute(Column("email", "the address"), owner="email", admin="email"),
    "password_hash": Attribute(
        Column(
            "password_hash",
            "as below; without one, nobody signs in until an emailed link (`/forgot`) has set the first password",
        ),
        secret=True,
    ),
    "password_changed_at": Attribute(),
    "locale": Attribute(Column("locale", "the language of emails", re.compile(LANGUAGE_TAG).fullmatch)),
    "created_at": Attribute(Column("created_at", "ISO 8601; else the time of the import"), admin="created_at"),
    "disabled_at": Attribute(Column("disabled", "`true` or `false`"), admin="disabled_at"),
    "totp_secret": Attribute(
        Column(
            "totp_secret",
            "base32, for codes by SHA-1 of six digits and 30 s; encrypted by KMS as it is written; turns two-factor "
            "sign-in on, without recovery codes: people make some when signed in",
        ),
        owner="totp.enabled",
        admin="totp.enabled",
        secret=True,
    ),
    "totp_enabled_at": Attribute(),
    "totp_last_step": Attribute(),
    "recovery_codes": Attribute(owner="totp.recovery_codes_left", admin="totp.recovery_codes_left", secret=True),
    "totp_required": Attribute(
        Column("totp_required", "`true` for whom `RequireTotp=new` must mean; an export says it of those it means"),
        owner="totp.required",
        admin="totp.required",
    ),
    "devices": Attribute(),
    "applications": Attribute(owner="applications"),
    "account_id": Attribute(Column("account_id", "of another Rekey, kept"), owner="account_id", admin="account_id"),
    "token_epoch": Attribute(),
}
_EXPORTED = {name: each.exported for name, each in ATTRIBUTES.items() if each.exported}
COLUMNS = {each.name: each.told for each in _EXPORTED.values()}
COPIED = {name: each.form for name, each in _EXPORTED.items() if each.form}  # by an export and an import, as they are
COUNTERS = ("password_attempts_", "code_attempts_")  # and a number: attempts in a period, shown as locks alone
