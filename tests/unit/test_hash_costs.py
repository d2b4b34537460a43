"""What OWASP recommends of each scheme that an import takes: its own examples are enough, the next below are not."""

from __future__ import annotations

import pytest

from rekey.credentials.foreign_hashes import Foreign
from rekey_admin.hash_costs import is_recommended


def recommended(scheme: str, **costs: int) -> bool:
    return is_recommended(Foreign(scheme, costs, lambda _: False))


@pytest.mark.parametrize(
    ("scheme", "iterations"),
    [("PBKDF2-SHA1", 1_300_000), ("PBKDF2-SHA256", 600_000), ("PBKDF2-SHA512", 210_000)],
)
def test_pbkdf2(scheme: str, iterations: int) -> None:
    assert recommended(scheme, iterations=iterations)
    assert not recommended(scheme, iterations=iterations - 1)


def test_bcrypt() -> None:
    assert recommended("bcrypt", cost=10)
    assert not recommended("bcrypt", cost=9)


@pytest.mark.parametrize(("log", "p"), [(17, 1), (16, 2), (15, 3), (14, 5), (13, 10)])
@pytest.mark.parametrize("scheme", ["scrypt", "Firebase's scrypt"])
def test_scrypt(scheme: str, log: int, p: int) -> None:
    """Less memory is enough with more lanes."""
    assert recommended(scheme, N=2**log, r=8, p=p)
    assert not recommended(scheme, N=2 ** (log - 1), r=8, p=p)
    assert not recommended(scheme, N=2**log, r=8, p=p - 1)


@pytest.mark.parametrize(("memory", "passes"), [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)])
def test_argon2(memory: int, passes: int) -> None:
    """Less memory is enough with more passes; of the three kinds only Argon2id is recommended."""
    assert recommended("Argon2id", m=memory, t=passes, p=1)
    assert not recommended("Argon2id", m=memory - 1, t=passes, p=1)
    assert not recommended("Argon2id", m=memory, t=passes - 1, p=1)
    assert not recommended("Argon2i", m=memory, t=passes, p=1)
    assert not recommended("Argon2d", m=memory, t=passes, p=1)
