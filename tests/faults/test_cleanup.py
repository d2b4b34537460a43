"""The scheduled clean-up: cut short, it goes on; whatever has come back to life since it looked stays."""

from types import SimpleNamespace

import pytest

import cleanup
from rekey import clock, keys, store
from rekey.settings import settings
from tests.calls import meanwhile
from tests.faults.network import CRASH_BEFORE, network
from tests.stack import Account, Clock, Stack

ROWS = 30


@pytest.fixture
def expired(stack: Stack, frozen: Clock) -> list[store.Row]:
    """Challenges, all of them over."""
    rows = [keys.challenge(f"{number:028x}", f"{number:028x}") for number in range(ROWS)]
    for row in rows:
        store.put(settings().tokens_table, {**row, "expires_at": clock.now() + 1})
    frozen.advance(1)
    assert stack
    return rows


def _run(stack: Stack, *milliseconds_left: int) -> dict[str, object]:
    """One run that has so much time left at each look, and plenty from then on."""
    looks = iter(milliseconds_left)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: next(looks, 10 * cleanup.RESERVE))
    answer: dict[str, object] = stack.invoke("cleanup", {}, context)
    return answer


def _left(rows: list[store.Row]) -> int:
    return sum(store.get(settings().tokens_table, row) is not None for row in rows)


def test_cut_short(stack: Stack, expired: list[store.Row], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is out of time stops between two pages, and the next one takes the rest."""
    monkeypatch.setattr(cleanup, "PAGE", 7)
    first = _run(stack, 10 * cleanup.RESERVE, 10 * cleanup.RESERVE, 0)
    assert not first["finished"]
    assert 0 < _left(expired) < ROWS

    assert _run(stack)["finished"]

    assert _left(expired) == 0


@pytest.mark.parametrize("call", ["Scan.tokens", "DeleteItem.tokens#9", "PutItem.tokens"])
def test_crash(stack: Stack, expired: list[store.Row], call: str) -> None:
    """A run that dies anywhere leaves the rest to the next one."""
    with network(call, CRASH_BEFORE), pytest.raises(SystemExit):
        _run(stack)

    assert _run(stack)["finished"]

    assert _left(expired) == 0


def test_replaced_meanwhile(stack: Stack, account: Account, frozen: Clock) -> None:
    """A link that was replaced between the scan and the delete is not deleted."""
    key = keys.reset(account.account_id)
    store.put(settings().tokens_table, {**key, "expires_at": clock.now() + 1})
    frozen.advance(1)
    newer = {**key, "expires_at": clock.now() + 600}

    with meanwhile("DeleteItem", lambda: store.put(settings().tokens_table, newer)):
        _run(stack)

    assert store.get(settings().tokens_table, key) == newer
