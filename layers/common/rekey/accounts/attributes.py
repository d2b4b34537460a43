"""The account's row, declared once: each attribute, and where what it holds may be seen.

Exports and imports read this table; `GET /account` and `POST /admin/find` are held against it
(tests/admin/test_attributes.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Attribute(NamedTuple):
    """Where an attribute is seen, by the name it has there: `totp.enabled` is a member of a member.

    What is secret is told to nobody, as it is or derived, but for what its other columns name; a digest or a
    ciphertext is secret, too.
    """

    exported: str | None = None
    """The column of an export, and of an import into another Rekey."""
    form: Callable[[str], object] | None = None
    """Where the column holds what the row holds: whether a text has the form that an import takes."""
    owner: str | None = None
    """The member of `GET /account`."""
    admin: str | None = None
    """The member of `POST /admin/find`."""
    secret: bool = False


ATTRIBUTES = {
    "account_id": Attribute(exported="account_id", owner="account_id", admin="account_id"),
    "email": Attribute(exported="email", owner="email", admin="email"),
    "created_at": Attribute(exported="created_at", admin="created_at"),
    "locale": Attribute(exported="locale", form=re.compile(r"[A-Za-z0-9_-]{2,35}").fullmatch),
    "disabled_at": Attribute(exported="disabled", admin="disabled_at"),
    "token_epoch": Attribute(),
    "password_hash": Attribute(exported="password_hash", secret=True),
    "password_changed_at": Attribute(),
    "totp_secret": Attribute(exported="totp_secret", owner="totp.enabled", admin="totp.enabled", secret=True),
    "totp_enabled_at": Attribute(),
    "totp_last_step": Attribute(),
    "recovery_codes": Attribute(owner="totp.recovery_codes_left", admin="totp.recovery_codes_left", secret=True),
}
COLUMNS = frozenset(each.exported for each in ATTRIBUTES.values() if each.exported)
COPIED = {name: each.form for name, each in ATTRIBUTES.items() if each.form}  # by an export and an import, as they are
COUNTERS = ("password_attempts_", "code_attempts_")  # and a number: attempts in a period, shown as locks alone
