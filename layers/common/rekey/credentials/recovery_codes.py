"""Recovery codes: ten, each 120 random bits, each good once, in any order."""

import hashlib
import secrets

import msgspec

COUNT = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o or u to misread
LENGTH = 24  # characters of 5 bits: above ASVS 6.5.2's 112, so a fast hash is enough
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


class RecoveryCodes(msgspec.Struct, kw_only=True):
    """Ten recovery codes, shown this once."""

    recovery_codes: list[str]


def issue_recovery_codes() -> list[str]:
    """The only plain copy: `k7qd-m3tz-…`."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    return ["-".join(code[i : i + 4] for i in range(0, LENGTH, 4)) for code in codes]


def digest(account_id: str, code: str) -> bytes:
    """What is stored, bound to the account. Case, hyphens, spaces and look-alikes do not matter."""
    plain = code.lower().translate(_MISREAD)
    return hashlib.sha256(f"{account_id}:{plain}".encode()).digest()


def digests(account_id: str, codes: list[str]) -> set[bytes]:
    """What an account keeps of its codes."""
    return {digest(account_id, code) for code in codes}
