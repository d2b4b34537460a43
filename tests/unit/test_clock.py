"""The one clock."""

import re
import time

from rekey import clock
from rekey.ids import new_id


def test_now() -> None:
    """Whole seconds since the epoch, as DynamoDB's TTL counts them."""
    assert isinstance(clock.now(), int)
    assert abs(clock.now() - time.time()) < 2


def test_iso() -> None:
    """Times on the wire are ISO 8601 in UTC, whatever zone the machine is in."""
    assert clock.iso(1_800_000_000) == "2027-01-15T08:00:00Z"


def test_ids_sort_by_time() -> None:
    """An id made later sorts after those made a millisecond before, and none is made twice."""
    first = new_id()
    time.sleep(0.002)

    assert re.fullmatch(r"[0-9a-f]{28}", first)
    assert first < new_id()
    assert len({new_id() for _ in range(1000)}) == 1000
