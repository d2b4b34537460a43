"""TOTP (RFC 6238): 160-bit secrets kept under KMS, codes of six digits each good for 30 s, and once."""

from __future__ import annotations

import base64
import hmac
import secrets

from rekey import clock
from rekey.api.errors import TotpClockError, TotpInvalidError, TotpUsedError
from rekey.aws import sdk
from rekey.settings import settings

STEP = 30  # seconds, RFC 6238 §5.2
DIGITS = 6  # RFC 4226 §5.3
WINDOW = 1  # steps either way: a clock half a minute off, or a code typed as it changes
FAR = 20  # steps either way in which a right code says that the clock is wrong: ten minutes


def new_secret() -> bytes:
    """160 random bits (RFC 4226 §4 R6)."""
    return secrets.token_bytes(20)


def as_typed(secret: bytes) -> str:
    """Base32, as apps take it; 160 bits need no padding."""
    return base64.b32encode(secret).decode()


def encrypt_secret(account_id: str, secret: bytes) -> bytes:
    """By KMS, bound to the account: the row of one copied to another does not decrypt."""
    answer = sdk.kms().encrypt(
        KeyId=settings().totp_key, Plaintext=secret, EncryptionContext={"account_id": account_id}
    )
    return answer["CiphertextBlob"]


def decrypt_secret(account_id: str, ciphertext: bytes) -> bytes:
    answer = sdk.kms().decrypt(
        KeyId=settings().totp_key, CiphertextBlob=ciphertext, EncryptionContext={"account_id": account_id}
    )
    return answer["Plaintext"]


def verify_code(secret: bytes, code: str, last_step: int) -> int:
    """The step a code is right for, to be spent by a conditional write: only that makes it work once.

    Raises TotpUsedError or TotpInvalidError.
    """
    step = find_step(secret, code, WINDOW)
    if step is None:
        raise TotpInvalidError
    if step <= last_step:
        raise TotpUsedError
    return step


def verify_first_code(secret: bytes, code: str) -> int:
    """The same of a secret that is being set up, when it helps to hear that the device's clock is wrong.

    Raises TotpClockError or TotpInvalidError.
    """
    step = find_step(secret, code, FAR)
    if step is None:
        raise TotpInvalidError
    if offset := clock_offset(step):
        raise TotpClockError(offset)
    return step


def clock_offset(step: int) -> int:
    """How many seconds the clock is off with which a code of this step is made now; 0 within the window."""
    steps = step - clock.now() // STEP
    return steps * STEP if abs(steps) > WINDOW else 0


def find_step(secret: bytes, code: str, reach: int) -> int | None:
    """The nearest step with this code, `reach` steps either way. Spaces, as some apps show them, do not matter.

    All are computed and compared, so the time taken tells nothing (ASVS 11.2.4).
    """
    now, typed = clock.now() // STEP, code.replace(" ", "").encode()
    steps = sorted(range(now - reach, now + reach + 1), key=lambda step: abs(step - now))
    matching = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed)]
    return matching[0] if matching else None


def code_at(secret: bytes, step: int) -> str:
    """Six digits (RFC 4226 §5.3). pyotp's take three times as long, which counts at 41 a request."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0xF
    return f"{(int.from_bytes(mac[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"
