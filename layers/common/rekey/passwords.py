"""Passwords: the hash one is kept as."""

import base64
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from rekey.settings import settings


def normalise(password: str) -> str:
    """NFC, here and nowhere else: the same characters from any keyboard are one password (SP 800-63B-4 §3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


@cache
def hasher() -> PasswordHasher:
    """Argon2id with the parameters of the template, OWASP's m=19456 KiB, t=2, p=1 at the least (ASVS 11.4.2)."""
    chosen = settings()
    return PasswordHasher(
        memory_cost=chosen.argon2_memory, time_cost=chosen.argon2_iterations, parallelism=chosen.argon2_parallelism
    )


def hash_password(password: str) -> str:
    return hasher().hash(normalise(password).encode())


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is this password. With no hash (an unknown address) it does the same work and says no (ASVS 6.3.8)."""
    try:
        return hasher().verify(password_hash or _decoy(), normalise(password).encode()) and password_hash is not None
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
    """Whether the hash was made with other parameters than the template's."""
    return hasher().check_needs_rehash(password_hash)
