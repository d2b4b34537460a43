"""Recovery codes."""

import math
import re

import pytest

from rekey.credentials.recovery_codes import _ALPHABET, digest, issue_recovery_codes


def test_ten_different() -> None:
    """There are ten, all different, in groups of four without letters that are misread."""
    codes = issue_recovery_codes()

    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}", code) for code in codes)


def test_entropy() -> None:
    """Each has at least 112 bits (ASVS 6.5.2), so a fast hash keeps it."""
    length = len(issue_recovery_codes()[0].replace("-", ""))

    assert len(set(_ALPHABET)) == len(_ALPHABET)
    assert length * math.log2(len(_ALPHABET)) >= 112


def test_never_again() -> None:
    """Two issues have nothing in common."""
    assert not set(issue_recovery_codes()) & set(issue_recovery_codes())


@pytest.mark.parametrize(
    "typed",
    [
        "01km-3tz0-0000-1111-abcd-efgh",
        "01KM-3TZ0-0000-1111-ABCD-EFGH",
        "01km3tz000001111abcdefgh",
        " 01km 3tz0 0000 1111 abcd efgh ",
        "oikm-3tzO-oooO-lLiI-abcd-efgh",
    ],
)
def test_as_people_type_them(typed: str) -> None:
    """Case, hyphens, spaces and look-alikes do not matter."""
    assert digest("account", typed) == digest("account", "01km-3tz0-0000-1111-abcd-efgh")


@pytest.mark.parametrize("typed", ["", "01km-3tz0-0000-1111-abcd-efg", "01km-3tz0-0000-1111-abcd-efgj", "0" * 10000])
def test_others(typed: str) -> None:
    """Any other is another."""
    assert digest("account", typed) != digest("account", "01km-3tz0-0000-1111-abcd-efgh")


def test_bound_to_the_account() -> None:
    """The digest of a code is another for each account: a row copied to another proves nothing."""
    assert digest("one", "0000") != digest("two", "0000")
