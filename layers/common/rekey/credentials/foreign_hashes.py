"""Hashes that other systems made, verified until their owners' first sign-in here replaces them by our own.

Each is taken in the form its origin writes it, and only up to a cost: a function has 10 s and 1769 MB, and one imported
row must not use them up. The most that is allowed takes about 2 s on a whole processor.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import NamedTuple

LONGEST = 1024  # characters of a hash: more than any form here needs, and little of a row
LEAST_DIGEST = 16  # bytes: an empty digest would match every password

MOST_BCRYPT = 14  # of its cost, a logarithm
MOST_PBKDF2 = 4_000_000  # iterations times blocks of the digest
MOST_SCRYPT_MEMORY = 2**20  # N·r: 128 MiB
MOST_SCRYPT = 2**21  # N·r·p
MOST_ARGON2_MEMORY = 2**19  # KiB, the most the template allows
MOST_ARGON2 = 2**21  # KiB times passes
MOST_ARGON2_LANES = 16  # a thread each

Verify = Callable[[bytes], bool]
"""Whether it is this password, in UTF-8."""


class Foreign(NamedTuple):
    """A hash: its scheme, its costs by the names that the scheme's paper has for them, and what verifies it."""

    scheme: str
    costs: dict[str, int]
    verify: Verify


class UnusableHashError(Exception):
    """No password matches this hash here: its form is unknown, it is broken, or it costs too much to verify."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(kept: str) -> Foreign:
    """The hash as its text says it is. Nothing is computed yet. Raises UnusableHashError."""
    if len(kept) > LONGEST:
        raise UnusableHashError("hash_too_long")
    for form, scheme in _SCHEMES.items():
        if found := re.fullmatch(form, kept, re.ASCII):
            return scheme(found)
    raise UnusableHashError("hash_unknown")


def _argon2(found: re.Match[str]) -> Foreign:
    """RFC 9106, as argon2's own library writes it; Django puts its algorithm's name in front."""
    memory, passes, lanes = (int(found[name]) for name in ("memory", "passes", "lanes"))
    _require(memory <= MOST_ARGON2_MEMORY and memory * passes <= MOST_ARGON2 and lanes <= MOST_ARGON2_LANES)

    def verify(password: bytes) -> bool:
        from argon2.exceptions import VerificationError
        from argon2.low_level import Type, verify_secret

        kind = {"i": Type.I, "d": Type.D, "id": Type.ID}[found["kind"]]
        try:
            return verify_secret(found["hash"].encode(), password, kind)
        except VerificationError:
            return False

    return Foreign(f"Argon2{found['kind']}", {"m": memory, "t": passes, "p": lanes}, verify)


def _bcrypt(found: re.Match[str]) -> Foreign:
    """All of bcrypt's origins drop what is beyond 72 bytes; Django's `bcrypt_sha256` hashes first, so nothing is."""
    cost = int(found["cost"])
    _require(cost <= MOST_BCRYPT)

    def verify(password: bytes) -> bool:
        import bcrypt

        if found["first"] == "bcrypt_sha256$":
            password = hashlib.sha256(password).hexdigest().encode()
        try:
            return bcrypt.checkpw(password[:72], found["hash"].encode())
        except ValueError:  # a cost or a salt that bcrypt does not know
            return False

    return Foreign("bcrypt", {"cost": cost}, verify)


def _pbkdf2(found: re.Match[str]) -> Foreign:
    """RFC 8018 §5.2: Django's form, whose salt is text, passlib's, and the PHC's."""
    algorithm, iterations = found["algorithm"] or "sha1", int(found["iterations"])
    salt = found["salt"].encode() if found[0].startswith("pbkdf2_") else _bytes(found["salt"])
    digest = _digest(found["digest"])
    blocks = -(-len(digest) // hashlib.new(algorithm).digest_size)
    if not iterations:
        raise UnusableHashError("hash_malformed")
    _require(iterations * blocks <= MOST_PBKDF2)

    def verify(password: bytes) -> bool:
        return hmac.compare_digest(hashlib.pbkdf2_hmac(algorithm, password, salt, iterations, len(digest)), digest)

    return Foreign(f"PBKDF2-{algorithm.upper()}", {"iterations": iterations}, verify)


def _scrypt(found: re.Match[str]) -> Foreign:
    """RFC 7914: Django's form, whose salt is text, and passlib's."""
    named = found.groupdict()
    salt = _bytes(named["salt"]) if "log" in named else named["salt"].encode()
    digest, costs = _digest(named["digest"]), _scrypt_costs(named)

    def verify(password: bytes) -> bool:
        return hmac.compare_digest(_derive(password, salt, costs, len(digest)), digest)

    return Foreign("scrypt", costs, verify)


def _firebase(found: re.Match[str]) -> Foreign:
    """Firebase's own: the project's signer key, encrypted by AES-256-CTR under a key that scrypt makes of the password.

    As github.com/firebase/scrypt says, in the form in which Ory Kratos writes it.
    """
    costs, digest, signer_key = _scrypt_costs(found.groupdict()), _digest(found["digest"]), _bytes(found["signer_key"])
    salt = _bytes(found["salt"]) + _bytes(found["separator"])

    def verify(password: bytes) -> bool:
        from Crypto.Cipher import AES

        cipher = AES.new(_derive(password, salt, costs, 32), AES.MODE_CTR, nonce=b"", initial_value=bytes(16))
        return hmac.compare_digest(cipher.encrypt(signer_key), digest)

    return Foreign("Firebase's scrypt", costs, verify)


def _scrypt_costs(named: dict[str, str]) -> dict[str, int]:
    if len(named.get("log", "")) > 2:  # noqa: PLR2004 - digits
        raise UnusableHashError("hash_too_costly")
    n = 2 ** int(named["log"]) if "log" in named else int(named["n"])
    r, p = int(named["r"]), int(named["p"])
    if n < 2 or n & (n - 1) or n.bit_length() > 16 * r or not r or not p:  # noqa: PLR2004 - RFC 7914 §6
        raise UnusableHashError("hash_malformed")
    _require(n * r <= MOST_SCRYPT_MEMORY and n * r * p <= MOST_SCRYPT)
    return {"N": n, "r": r, "p": p}


def _derive(password: bytes, salt: bytes, costs: dict[str, int], size: int) -> bytes:
    n, r, p = costs["N"], costs["r"], costs["p"]
    memory = 128 * r * (n + p + 2)  # bytes: OpenSSL's own count, whose default limit is 32 MiB
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory + 2**20, dklen=size)


def _require(affordable: bool) -> None:  # noqa: FBT001 - the one thing it is asked
    if not affordable:
        raise UnusableHashError("hash_too_costly")


def _digest(text: str) -> bytes:
    digest = _bytes(text)
    if len(digest) < LEAST_DIGEST:
        raise UnusableHashError("hash_malformed")
    return digest


def _bytes(text: str) -> bytes:
    """Base64 in any of its alphabets (passlib's has a dot for the plus), with or without padding."""
    plain = text.rstrip("=").translate(str.maketrans("-_.", "+/+"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        raise UnusableHashError("hash_malformed") from None


_SALT, _DIGEST = r"(?P<salt>[A-Za-z0-9+/._=-]+)", r"(?P<digest>[A-Za-z0-9+/._=-]+)"
_TEXT = r"(?P<salt>[^$]+)"
_COSTS = r"ln=(?P<log>\d+),r=(?P<r>\d+),p=(?P<p>\d+)"
_SCHEMES: dict[str, Callable[[re.Match[str]], Foreign]] = {
    r"(argon2)?(?P<hash>\$argon2(?P<kind>id|i|d)\$(v=(16|19)\$)?m=(?P<memory>\d+),t=(?P<passes>\d+),p=(?P<lanes>\d+)"
    r"\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+)": _argon2,
    r"(?P<first>bcrypt\$|bcrypt_sha256\$|)(?P<hash>\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53})": _bcrypt,
    rf"pbkdf2_(?P<algorithm>sha1|sha256)\$(?P<iterations>\d+)\${_TEXT}\${_DIGEST}": _pbkdf2,
    rf"\$pbkdf2(-(?P<algorithm>sha1|sha256|sha512))?\$(i=)?(?P<iterations>\d+)(,l=\d+)?\${_SALT}\${_DIGEST}": _pbkdf2,
    rf"scrypt\$(?P<n>\d+)\${_TEXT}\$(?P<r>\d+)\$(?P<p>\d+)\${_DIGEST}": _scrypt,
    rf"\$scrypt\${_COSTS}\${_SALT}\${_DIGEST}": _scrypt,
    rf"\$firescrypt\${_COSTS}\${_SALT}\${_DIGEST}\$(?P<separator>[A-Za-z0-9+/_=-]*)"
    r"\$(?P<signer_key>[A-Za-z0-9+/_=-]+)": _firebase,
}
