"""Rows of an import, judged: what an account needs, and why a row is refused. Nothing of a hash is ever in a reason."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rekey import clock
from rekey.accounts import addresses
from rekey.accounts.attributes import COLUMNS, COPIED
from rekey.api.errors import ValidationFailedError
from rekey.credentials import foreign_hashes
from rekey.credentials.passwords import NO_PASSWORD
from rekey_admin import cognito, hash_costs

GUIDE = "docs/migrate.md"
MARKERS = {  # columns that say something of another one, and what
    "email_verified": "whether the other system has proven the address, `true` or `false`: [below](#proven-addresses)",
    "totp_enabled": "what an export says; `true` without `totp_secret` refuses the row",
}
_ACCOUNT_ID = re.compile(r"[0-9a-f]{28}").fullmatch
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SHOWN = 40  # characters of a name that is not ours
_TOTP_SIZES = range(10, 65)  # bytes: authenticator apps take secrets of 80 bits up


class RefusedRowError(Exception):
    """The row makes no account; the text says why, for the report."""


class Incoming(NamedTuple):
    """An account to be. `copied` are attributes as its row will have them; `totp_secret` is plain until then."""

    line: int
    email: str
    password_hash: str
    created_at: int
    copied: dict[str, str]
    disabled: bool
    totp_secret: bytes | None
    account_id: str | None
    loses_factor: bool
    """Whether the other system has a second factor that it does not give away."""
    totp_required: bool

    @property
    def email_digest(self) -> str:
        return addresses.email_digest(self.email)


class Trust(NamedTuple):
    """What the operator says of addresses: `verified`, that rows without `email_verified` are proven; `unverified`,
    that those not proven come, too, without password and second factor: whoever registered such an address elsewhere
    may not be its owner, who gets in through an emailed link.
    """

    verified: bool = False
    unverified: bool = False


def judge(line: int, row: dict[str, Any] | None, trust: Trust) -> Incoming:
    """Raises RefusedRowError."""
    if row is None:
        raise RefusedRowError("not a row: as many fields as columns, or one JSON object")
    row = {name: value for name, value in row.items() if value not in (None, "")}
    if unknown := sorted(row.keys() - COLUMNS.keys() - MARKERS.keys() - {cognito.MFA_ENABLED}):
        raise RefusedRowError(f"unknown column: {unknown[0][:_SHOWN]}")
    proven = _is_proven(row, trust)
    secret = _totp_secret(row)
    kept = _password_hash(row)
    return Incoming(
        line,
        _email(row),
        kept if proven else NO_PASSWORD,
        _created_at(row),
        {name: _matching(row, name, form) for name, form in COPIED.items() if name in row},
        _truth(row, "disabled", default=False),
        secret if proven else None,
        _matching(row, "account_id", _ACCOUNT_ID) if "account_id" in row else None,
        _truth(row, cognito.MFA_ENABLED, default=False),
        _truth(row, "totp_required", default=False),
    )


def _is_proven(row: dict[str, Any], trust: Trust) -> bool:
    """What the row says comes before what the operator says of all rows."""
    if "email_verified" not in row and trust == Trust():
        raise RefusedRowError("email_verified: missing (see --verified and --unverified)")
    proven = _truth(row, "email_verified", default=trust.verified)
    if not proven and not trust.unverified:
        raise RefusedRowError("email_verified: the address is not proven (see --unverified)")
    return proven


def _email(row: dict[str, Any]) -> str:
    try:
        return addresses.parse_email(str(row.get("email", "")))
    except ValidationFailedError as refused:
        raise RefusedRowError(f"email: {refused.errors[0]['code']}") from None


def _password_hash(row: dict[str, Any]) -> str:
    kept = str(row.get("password_hash", NO_PASSWORD))
    try:
        if kept != NO_PASSWORD and hash_costs.is_too_cheap(foreign_hashes.parse(kept)):
            raise RefusedRowError("password_hash: hash_too_cheap")
    except foreign_hashes.UnusableHashError as unusable:
        raise RefusedRowError(f"password_hash: {unusable.reason}") from None
    return kept


def _totp_secret(row: dict[str, Any]) -> bytes | None:
    """Base32, as apps take it: of codes by SHA-1, six digits, 30 s. A second factor is never dropped in silence."""
    if "totp_secret" not in row:
        if _truth(row, "totp_enabled", default=False):
            raise RefusedRowError("totp_enabled: without totp_secret the second factor would be lost")
        return None
    text = str(row["totp_secret"]).replace(" ", "").rstrip("=").upper()
    try:
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        raise RefusedRowError("totp_secret: not base32") from None
    if len(secret) not in _TOTP_SIZES:
        raise RefusedRowError("totp_secret: not of 80 to 512 bits")
    return secret


def _created_at(row: dict[str, Any]) -> int:
    """ISO 8601, in UTC where it does not say."""
    if "created_at" not in row:
        return clock.now()
    try:
        created = datetime.fromisoformat(str(row["created_at"]))
    except ValueError:
        raise RefusedRowError("created_at: not ISO 8601") from None
    seconds = (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()
    if not 0 <= seconds <= clock.now():
        raise RefusedRowError("created_at: not in the past")
    return int(seconds)


def _matching(row: dict[str, Any], name: str, form: Callable[[str], object]) -> str:
    if not form(text := str(row[name])):
        raise RefusedRowError(f"{name}: not in the form that Rekey has")
    return text


def _truth(row: dict[str, Any], name: str, *, default: bool) -> bool:
    said = str(row.get(name, default)).lower()
    if said not in _TRUTH:
        raise RefusedRowError(f"{name}: neither true nor false")
    return _TRUTH[said]
