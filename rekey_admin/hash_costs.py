"""What a guess at a hash costs: too little for an import to take it, and less than OWASP recommends today.

A hash keeps its old cost until its owner's first sign-in, and somebody may have stolen it where it comes from.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rekey.credentials import foreign_hashes
from rekey.credentials.foreign_hashes import Foreign
from rekey.credentials.passwords import NO_PASSWORD

LEAST_BCRYPT = 4  # bcrypt's own least
LEAST_PBKDF2 = 1_000  # iterations (RFC 8018 §4.2)
LEAST_MEMORY = 1_024  # KiB that scrypt or Argon2 fills, over all passes and lanes

# OWASP's Password Storage Cheat Sheet, of 2023 and since: what is enough, by what else is given.
_BCRYPT = 10
_PBKDF2 = {"PBKDF2-SHA1": 1_300_000, "PBKDF2-SHA256": 600_000, "PBKDF2-SHA512": 210_000}
_SCRYPT = {1: 2**20, 2: 2**19, 3: 2**18, 5: 2**17, 10: 2**16}  # N·r by p
_ARGON2ID = {1: 47_104, 2: 19_456, 3: 12_288, 4: 9_216, 5: 7_168}  # KiB by passes


def is_too_cheap(found: Foreign) -> bool:
    """Whether a guess costs so little that the hash hides no password worth the name."""
    match found.costs:
        case {"cost": cost}:
            return cost < LEAST_BCRYPT
        case {"iterations": iterations}:
            return iterations < LEAST_PBKDF2
        case {"N": n, "r": r, "p": p}:
            return n * r * p < 8 * LEAST_MEMORY  # 128 bytes each
        case costs:
            return costs["m"] * costs["t"] < LEAST_MEMORY


def is_recommended(found: Foreign) -> bool:
    match found.costs:
        case {"cost": cost}:
            return cost >= _BCRYPT
        case {"iterations": iterations}:
            return iterations >= _PBKDF2[found.scheme]
        case {"N": n, "r": r, "p": p}:
            return any(p >= lanes and n * r >= least for lanes, least in _SCRYPT.items())
        case costs:
            enough = any(costs["t"] >= passes and costs["m"] >= least for passes, least in _ARGON2ID.items())
            return found.scheme == "Argon2id" and enough


class Tally:
    """The hashes of an import, counted by scheme and cost."""

    def __init__(self) -> None:
        self._without_password = 0
        self._counts = Counter[tuple[str, str, bool]]()

    def add(self, password_hash: str) -> None:
        if password_hash == NO_PASSWORD:
            self._without_password += 1
            return
        found = foreign_hashes.parse(password_hash)
        costs = " ".join(f"{name}={cost}" for name, cost in found.costs.items())
        self._counts[found.scheme, costs, is_recommended(found)] += 1

    @property
    def summary(self) -> dict[str, Any]:
        """The most frequent first."""
        rows = [
            {"scheme": scheme, "costs": costs, "accounts": count, "below_owasp": not recommended}
            for (scheme, costs, recommended), count in self._counts.most_common()
        ]
        below = sum(count for (_, _, recommended), count in self._counts.items() if not recommended)
        return {"schemes": rows, "below_owasp": below, "without_password": self._without_password}

    @property
    def told(self) -> str:
        """The same, a line each."""
        lines = [
            f"{row['accounts']:>9,}  {row['scheme']} {row['costs']}"
            + ("  (less than OWASP recommends)" if row["below_owasp"] else "")
            for row in self.summary["schemes"]
        ]
        without = [f"{self._without_password:>9,}  without a password"] if self._without_password else []
        return "\n".join(["Hashes of these rows:", *lines, *without])
