"""Passwords: the hash one is kept as."""

import base64
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from rekey import observability
from rekey.settings import settings

NO_PASSWORD = "!"  # noqa: S105 - in place of the hash of an account that has no password yet, as in /etc/shadow


def normalise(password: str) -> str:
    """NFC, here and nowhere else: the same characters from any keyboard are one password (SP 800-63B-4 §3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


@cache
def hasher() -> PasswordHasher:
    """Argon2id with the parameters of the template, OWASP's m=19456 KiB, t=2, p=1 at the least (ASVS 11.4.2)."""
    return PasswordHasher(
        memory_cost=settings().argon2_memory,
        time_cost=settings().argon2_iterations,
        parallelism=settings().argon2_parallelism,
    )


def hash_password(password: str) -> str:
    return hasher().hash(normalise(password).encode())


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is this password. Where there is no hash that can be judged (an unknown address, an account without a
    password), it does the work of one and says no (ASVS 6.3.8).
    """
    if password_hash and not needs_rehash(password_hash):
        return _matches_own(password_hash, password)
    if password_hash and password_hash != NO_PASSWORD:
        from rekey.credentials import foreign_hashes

        try:
            foreign = foreign_hashes.parse(password_hash)
        except foreign_hashes.UnusableHashError as unusable:
            observability.logger().warning("unusable password hash", extra={"reason": unusable.reason})
        else:  # its origin may have normalised as we do, or not at all
            return any(foreign.verify(typed.encode()) for typed in dict.fromkeys((normalise(password), password)))
    _matches_own(_decoy(), password)
    return False


def _matches_own(password_hash: str, password: str) -> bool:
    try:
        return hasher().verify(password_hash, normalise(password).encode())
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """A hash of no password, with the parameters of real ones. Put together, not hashed: the first request of an
    environment must not take twice as long for an unknown address."""
    chosen, salt, digest = hasher(), secrets.token_bytes(16), secrets.token_bytes(32)
    encoded = "$".join(base64.b64encode(part).decode().rstrip("=") for part in (salt, digest))
    parameters = f"m={chosen.memory_cost},t={chosen.time_cost},p={chosen.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${parameters}${encoded}"


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made by another system, or with other parameters than the template's."""
    try:
        return hasher().check_needs_rehash(password_hash)
    except InvalidHashError:
        return True
