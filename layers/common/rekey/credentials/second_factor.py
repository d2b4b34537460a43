"""The second factor of an account: a TOTP or recovery code, verified first, then spent by a conditional write."""

from __future__ import annotations

from typing import Any

import msgspec

from rekey.accounts import changes, events
from rekey.accounts.changes import Change
from rekey.accounts.event_types import RECOVERY_CODE_USED
from rekey.api.client import Client
from rekey.api.errors import (
    RecoveryCodeInvalidError,
    RekeyError,
    TotpInvalidError,
    TotpUsedError,
)
from rekey.aws.store import Row
from rekey.credentials import recovery_codes, totp


def verify(row: Row, code: str | None, recovery_code: str | None) -> Spending:
    """Judge the code of an account, for which an attempt was taken.

    Raises TotpInvalidError, TotpUsedError, RecoveryCodeInvalidError.
    """
    return _verify_code(row, code) if code is not None else _verify_recovery_code(row, recovery_code or "")


def _verify_code(row: Row, code: str) -> Spending:
    secret = totp.decrypt_secret(row["account_id"], row["totp_secret"])
    try:
        step = totp.verify_code(secret, code, row["totp_last_step"])
    except TotpInvalidError:
        raise TotpInvalidError(totp.find_step(secret, code, totp.FAR)) from None
    return Spending(row, changes.spending_step(step))


def _verify_recovery_code(row: Row, recovery_code: str) -> Spending:
    digest = recovery_codes.digest(row["account_id"], recovery_code)
    if digest not in row.get("recovery_codes", ()):  # digests of 120 random bits: the time of a look-up tells nothing
        raise RecoveryCodeInvalidError
    return Spending(row, changes.spending_recovery_code(digest), is_recovery_code=True)


class Spending(msgspec.Struct, frozen=True):
    """A code found right. It counts only with the write that spends it: of two at once, one write's condition fails."""

    account: Row
    spent: Change
    is_recovery_code: bool = False

    @property
    def method(self) -> str:
        return "pwd recovery" if self.is_recovery_code else "pwd otp"

    def refusal(self) -> RekeyError:
        """What the one that came second is told."""
        return RecoveryCodeInvalidError() if self.is_recovery_code else TotpUsedError()

    def spending(self, *also: Change) -> dict[str, Any]:
        """The write that spends the code, with other changes of the account's row.

        The epoch and the secret must be those that were read: a code is for the sign-in state it was asked in.
        """
        same = changes.unchanged(self.account, "token_epoch", "totp_secret")
        return changes.updating(self.account, same, self.spent, *also)

    def events(self, client: Client) -> list[dict[str, Any]]:
        """A recovery code spent is reported, with how many are left."""
        if not self.is_recovery_code:
            return []
        left = len(self.account["recovery_codes"]) - 1
        email = self.account["email"]
        return [events.recording(self.account, RECOVERY_CODE_USED, email=email, client=client, codes_left=left)]
