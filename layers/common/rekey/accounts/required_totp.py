"""Who must have a second factor (`RequireTotp`, ASVS 6.3.3). Until it is on, such an account can manage itself, and is
nobody to applications. The row and the parameter are asked at each use, so a change of either counts at once.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rekey.api.errors import TotpRequiredError
from rekey.aws.store import Row
from rekey.settings import settings


class TotpState(msgspec.Struct, kw_only=True):
    """Whether two-factor sign-in is on, and whether it must be."""

    enabled: bool
    required: bool
    recovery_codes_left: int


def describe(account: Row) -> TotpState:
    return TotpState(
        enabled="totp_secret" in account,
        required=is_required(account),
        recovery_codes_left=len(account.get("recovery_codes", ())),
    )


def mark_of_new() -> Literal[True] | None:
    """`totp_required` of an account that is made now: `new` will mean it, also if the parameter was off between."""
    return None if settings().require_totp == "off" else True


def is_required(account: Row) -> bool:
    return settings().require_totp == "all" or (settings().require_totp == "new" and "totp_required" in account)


def is_lacking(account: Row) -> bool:
    """Whether applications must not let this account in: what answers for it to them asks this."""
    return is_required(account) and "totp_secret" not in account


def require_met(account: Row) -> None:
    """Raises TotpRequiredError."""
    if is_lacking(account):
        raise TotpRequiredError
