"""The scheduled clean-up: cut short, it goes on; whatever has come back to life since it looked stays."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

import cleanup
from rekey import clock, observability
from rekey.accounts import keys
from rekey.aws import sdk, store
from rekey.settings import settings
from tests.calls import meanwhile
from tests.faults.network import CRASH_AFTER, CRASH_BEFORE, LOST, THROTTLED, network
from tests.stack import Account, Clock, Stack

ROWS = 30
CONFIG: Any = sdk.CONFIG  # its type says nothing of its options


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
    """A run that is out of time stops, also in the middle of a page, and the next one takes the rest."""
    monkeypatch.setattr(cleanup, "PAGE", 7)
    first = _run(stack, *[10 * cleanup.RESERVE] * 30, *[0] * 1000)
    assert not first["finished"]
    assert 0 < _left(expired) < ROWS

    assert _run(stack)["finished"]

    assert _left(expired) == 0


@pytest.mark.parametrize(
    "call", ["GetItem.tokens", "Scan.tokens", "Scan.tokens#2", "DeleteItem.tokens#9", "PutItem.tokens"]
)
@pytest.mark.parametrize("kind", [CRASH_BEFORE, CRASH_AFTER])
def test_crash(stack: Stack, expired: list[store.Row], monkeypatch: pytest.MonkeyPatch, call: str, kind: str) -> None:
    """A run that dies anywhere leaves the rest to the next one."""
    monkeypatch.setattr(cleanup, "PAGE", 7)
    with network(call, kind), pytest.raises(SystemExit):
        _run(stack, *[10 * cleanup.RESERVE] * 20, *[0] * 1000)

    while not _run(stack)["finished"]:
        pass

    assert _left(expired) == 0


@pytest.mark.parametrize("call", ["Scan.tokens", "Scan.accounts", "DeleteItem.tokens#9"])
def test_throttled_for_a_while(
    stack: Stack, expired: list[store.Row], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A page that is throttled for longer than the SDK tries is waited for, and tried again: the run does it all."""
    monkeypatch.setattr(cleanup, "SEGMENTS", 1)
    with network(call, THROTTLED, lasting=True) as between:

        def sleep(_seconds: float) -> None:
            between.lasting = between.struck < CONFIG.retries["total_max_attempts"]

        monkeypatch.setattr(time, "sleep", sleep)
        assert _run(stack)["finished"]

    assert between.struck == CONFIG.retries["total_max_attempts"]
    assert _left(expired) == 0


@pytest.mark.parametrize("call", ["Scan.tokens", "Scan.accounts", "DeleteItem.tokens#9"])
def test_throttled_throughout(stack: Stack, expired: list[store.Row], call: str) -> None:
    """Where throttling lasts, a run ends by itself after some tries, without an error that would begin it again."""
    with network(call, THROTTLED, lasting=True) as between:
        answer = _run(stack)

    assert not answer["finished"]
    assert between.struck <= 2 * cleanup.SEGMENTS * cleanup.TRIES * CONFIG.retries["total_max_attempts"]
    assert _run(stack)["finished"]
    assert _left(expired) == 0


def test_throttled_without_time(stack: Stack, expired: list[store.Row]) -> None:
    """A throttled run looks at the time before each new try."""
    with network("Scan.tokens", THROTTLED, lasting=True) as between:
        answer = _run(stack, 10 * cleanup.RESERVE, *[0] * 1000)

    assert not answer["finished"]
    assert between.struck == CONFIG.retries["total_max_attempts"]
    assert _left(expired) == ROWS


def test_refused(stack: Stack, expired: list[store.Row], monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that waiting does not mend is raised, for the alarm; the other segments are swept, and told of."""
    told: list[str] = []
    monkeypatch.setattr(observability, "count", lambda name, *_, **__: told.append(name))
    with network("Scan.accounts", LOST, lasting=True), pytest.raises(ReadTimeoutError):
        _run(stack)

    assert "RowsDeleted" in told
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
