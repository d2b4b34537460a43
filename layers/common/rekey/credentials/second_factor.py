"""The second factor of an account: a TOTP or recovery code, verified first, then spent by a conditional write."""

from __future__ import annotations

from typing import Any

import msgspec

from rekey.accounts import events, keys
from rekey.accounts.events import RECOVERY_CODE_USED
from rekey.api.client import Client
from rekey.api.errors import RecoveryCodeInvalidError, RekeyError, TotpUsedError, ValidationFailedError
from rekey.aws import store
from rekey.aws.store import Row
from rekey.credentials import recovery_codes, totp
from rekey.limits import allowances, attempts
from rekey.limits.allowances import Allowance
from rekey.settings import settings


def require_one(code: str | None, recovery_code: str | None) -> None:
    """A request carries one of the two. Raises ValidationFailedError."""
    if (code is None) == (recovery_code is None):
        raise ValidationFailedError("code", "missing" if code is None else "ambiguous")


def verify(row: Row, code: str | None, recovery_code: str | None, paid: Allowance, client: Client) -> Spending:
    """Judge the code of an account whose row has just paid for the attempt from an allowance.

    Raises TotpInvalidError, TotpUsedError, TotpClockError, RecoveryCodeInvalidError.
    """
    try:
        return _verify_code(row, code) if code is not None else _verify_recovery_code(row, recovery_code or "")
    except RekeyError:
        attempts.report_lock(paid, row, email=row["email"], client=client)
        raise


def _verify_code(row: Row, code: str) -> Spending:
    secret = totp.decrypt_secret(row["account_id"], row["totp_secret"])
    step = totp.verify_code(secret, code, row["totp_last_step"])
    return Spending(row, step=step)


def _verify_recovery_code(row: Row, recovery_code: str) -> Spending:
    digest = recovery_codes.digest(row["account_id"], recovery_code)
    if digest not in row.get("recovery_codes", ()):  # digests of 120 random bits: the time of a look-up tells nothing
        raise RecoveryCodeInvalidError
    return Spending(row, digest=digest)


class Spending(msgspec.Struct, frozen=True):
    """A code found right. It counts only with the write that spends it: of two at once, one write's condition fails."""

    account: Row
    step: int | None = None
    digest: bytes | None = None

    @property
    def method(self) -> str:
        return "pwd otp" if self.digest is None else "pwd recovery"

    def refusal(self) -> RekeyError:
        """What the one that came second is told."""
        return TotpUsedError() if self.digest is None else RecoveryCodeInvalidError()

    def spending(self) -> dict[str, Any]:
        """The write that spends the code and forgets the failures before it."""
        cleared = allowances.codes().clearing(self.account)
        if self.digest is None:
            return self._write(f"SET totp_last_step = :step REMOVE {cleared}")
        return self._write(f"DELETE recovery_codes :digests REMOVE {cleared}", digests={self.digest})

    def replacing(self, codes: list[str]) -> dict[str, Any]:
        """The write that spends the code by putting new recovery codes in the place of all."""
        spent = "" if self.step is None else "totp_last_step = :step, "
        digests = recovery_codes.digests(self.account["account_id"], codes)
        return self._write(f"SET {spent}recovery_codes = :digests REMOVE {self._failures()}", digests=digests)

    def disabling(self) -> dict[str, Any]:
        """The write that spends the code by turning two-factor sign-in off."""
        return self._write(f"REMOVE totp_secret, totp_last_step, totp_enabled_at, recovery_codes, {self._failures()}")

    def _failures(self) -> str:
        """Of the password and of the code: both were proven."""
        return f"{allowances.codes().clearing(self.account)}, {allowances.passwords().clearing(self.account)}"

    def _write(self, expression: str, **values: Any) -> dict[str, Any]:
        """The epoch and the secret must be those that were read: a code is for the sign-in state it was asked in."""
        condition = "token_epoch = :epoch AND totp_secret = :secret AND "
        if self.digest is None:
            condition += "totp_last_step < :step"
            values["step"] = self.step
        else:
            condition += "contains(recovery_codes, :digest)"
            values["digest"] = self.digest
        return store.updating(
            settings().accounts_table,
            keys.account(self.account["account_id"]),
            expression,
            condition,
            epoch=self.account["token_epoch"],
            secret=self.account["totp_secret"],
            **values,
        )

    def events(self, client: Client) -> list[dict[str, Any]]:
        """A recovery code spent is reported, with how many are left."""
        if self.digest is None:
            return []
        left = len(self.account["recovery_codes"]) - 1
        email = self.account["email"]
        return [events.recording(self.account, RECOVERY_CODE_USED, email=email, client=client, codes_left=left)]
