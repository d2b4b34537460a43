"""The one clock."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rekey import clock, ids
from rekey.ids import new_id


def test_now() -> None:
    """Whole seconds since the epoch, as DynamoDB's TTL counts them."""
    assert isinstance(clock.now(), int)
    assert abs(clock.now() - time.time()) < 2


def test_iso() -> None:
    """Times on the wire are ISO 8601 in UTC, whatever zone the machine is in."""
    assert clock.iso(1_800_000_000) == "2027-01-15T08:00:00Z"


def test_ids_sort_as_they_were_made() -> None:
    """Those of each thread sort, though hundreds share a millisecond, and none is made twice."""
    with ThreadPoolExecutor(2) as pool:
        threads = list(pool.map(lambda _: [new_id() for _ in range(5_000)], range(2)))

    assert all(made == sorted(made) for made in threads)
    assert len({new for made in threads for new in made}) == 10_000
    assert all(re.fullmatch(r"[0-9a-f]{28}", new) for new in threads[0])


def test_ids_sort_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id comes after the one before it though the machine's clock went back."""
    before = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)

    assert new_id() > before


def test_ids_tell_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id begins with the millisecond it was made in, so that those of other processes sort among them."""
    monkeypatch.setattr(ids, "_last", 0)
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_123_456_789)

    assert int(new_id()[:12], 16) == 1_800_000_000_123
