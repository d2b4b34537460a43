"""Passwords: the rule a new one must meet, and the hash it is kept as."""

import base64
import re
import secrets
import unicodedata
from collections.abc import Callable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from zxcvbn_rs_py import zxcvbn

from rekey.errors import WeakPasswordError
from rekey.settings import settings

LONGEST = 256  # characters: beyond any manager's, and little work to normalise and hash
_GUESSED_LENGTH = 72  # zxcvbn's work grows with the square; a longer password is not a common one
_TELLING = 4  # characters: "joe" is in many a word
_ENOUGH = 8  # characters beside a part of the address
_COMMON_SCORE = 1  # fewer than 10^6 guesses: a listed password, or one with the usual trimmings
_SPECIAL = re.compile(r"[^\w\s]|_")

# Each rule: the least length, and what else must hold, by the code of its refusal.
RULES: dict[str, tuple[int, dict[str, Callable[[str], bool]]]] = {
    "sales-connect": (
        9,
        {
            "needs_uppercase": lambda password: any(map(str.isupper, password)),
            "needs_lowercase": lambda password: any(map(str.islower, password)),
            "needs_digit": lambda password: any(map(str.isdigit, password)),
            "needs_special": lambda password: _SPECIAL.search(password) is not None,
        },
    ),
    "commerce": (6, {"has_whitespace": lambda password: not any(map(str.isspace, password))}),
    "nist": (15, {}),
}


def normalise(password: str) -> str:
    """NFC, here and nowhere else: the same characters from any keyboard are one password (SP 800-63B-4 §3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def require_strong(field: str, password: str, email: str) -> None:
    """Raises WeakPasswordError with every part of the rule that a new password breaks (ASVS 6.2.1, 6.2.4, 6.2.11)."""
    password = normalise(password)
    shortest, rule = RULES[settings().password_rule]
    broken = [code for code, holds in rule.items() if not holds(password)]
    if len(password) < shortest:
        broken.append("too_short")
    if len(password) > LONGEST:
        raise WeakPasswordError(field, "too_long")
    if _contains_address(password, email):
        broken.append("contains_address")
    elif _is_common(password):
        broken.append("too_common")
    if broken:
        raise WeakPasswordError(field, *broken)


def _contains_address(password: str, email: str) -> bool:
    """Whether the address is in it, or a part of the address with too little beside it to be a password by itself."""
    folded = password.casefold()
    without = [folded.replace(word, "") for word in email.split("@") if len(word) >= _TELLING]
    return email in folded or any(len(rest) < _ENOUGH for rest in without if rest != folded)


def _is_common(password: str) -> bool:
    return len(password) <= _GUESSED_LENGTH and int(zxcvbn(password, []).score) <= _COMMON_SCORE


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
