"""cleanup at size, on Amazon's engine: runs that are cut short get through, touch nothing that lives, and end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

import pytest

import cleanup
from rekey import clock
from rekey.accounts import accounts, keys
from rekey.aws import sdk, store
from rekey.settings import settings
from tests import seeds
from tests.engine.rows import write_rows
from tests.stack import Clock, Stack

pytestmark = pytest.mark.engine
EXPIRED = 20_000
LIVING_EACH = 10  # one living row for so many expired
LOOKS = 3_000  # at the time left, before each page and each delete: what cuts a run short


def _rows(expires_at: int, first: int) -> Iterator[tuple[str, store.Row]]:
    """Rows of every kind as they lie among each other, without end: most are limits, events and challenges."""
    tokens, accounts, events = settings().tokens_table, settings().accounts_table, settings().events_table
    for number in count(first):
        owner, row_id = f"{number // 5:028x}", f"{number:028x}"
        of_address = keys.address(f"{number:032x}")
        yield tokens, {**keys.challenge(owner, row_id), "digest": b"0" * 32, "expires_at": expires_at}
        yield tokens, {**keys.limit("mail", row_id), "mail_attempts_1": 1, "expires_at": expires_at}
        yield tokens, {**keys.reset(row_id), "digest": b"0" * 32, "expires_at": expires_at}
        yield accounts, {**of_address, "password_attempts_1": 1, "expires_at": expires_at}
        yield events, {**keys.event(of_address, row_id), "type": "sign_in.locked", "expires_at": expires_at}


def _living_rows(number: int) -> list[tuple[str, store.Row]]:
    """Some that live for one more second, some for ever."""
    for_a_second = islice(_rows(clock.now() + 1, EXPIRED), number // 2)
    return [*for_a_second, *islice(_rows(accounts.KEPT, 2 * EXPIRED), number // 2)]


def _present(stack: Stack) -> list[tuple[str, str]]:
    """The keys of what is in the tables, but for the clean-up's own row."""
    tables = (settings().tokens_table, settings().events_table, settings().accounts_table)
    rows = [row for table in tables for row in stack.rows(table)]
    return sorted((row["pk"]["S"], row["sk"]["S"]) for row in rows if row["pk"]["S"] != "cleanup")


def _run(stack: Stack, looks: int = 10**9) -> dict[str, Any]:
    times = iter(range(looks))
    hurried = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000 if next(times, None) is not None else 0)
    answer: dict[str, Any] = stack.invoke("cleanup", {}, hurried)
    return answer


def _deleted(answers: list[dict[str, Any]]) -> int:
    return sum(number for answer in answers for number in answer["deleted"].values())


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested is not how quick the engine is under such a load, on a busy machine."""
    monkeypatch.setattr(sdk, "READ_TIMEOUT", 30)


def test_two_runs_at_once(engine_stack: Stack, frozen: Clock) -> None:
    """Two that overlap get through, though each finds rows that the other has deleted; what lives stays."""
    living = _living_rows(200)
    write_rows([*islice(_rows(clock.now(), 0), 2000), *living])

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: _run(engine_stack), range(2)))

    assert all(answer["finished"] for answer in answers)
    assert _deleted(answers) == 2000
    assert _present(engine_stack) == sorted((row["pk"], row["sk"]) for _, row in living)
    assert frozen


@pytest.mark.timeout(600)  # for a machine that does much beside it
def test_twenty_thousand(engine_stack: Stack, frozen: Clock) -> None:
    """Cleaned across runs that are cut short, each row once; none that lives is touched; a repeat does nothing."""
    account = seeds.new_account()
    tokens = [seeds.issue_session(account) for _ in range(3)]
    frozen.advance(cleanup.SETTLED)
    living = _living_rows(EXPIRED // LIVING_EACH)
    expected = sorted([*_present(engine_stack), *((row["pk"], row["sk"]) for _, row in living)])
    write_rows([*islice(_rows(clock.now(), 0), EXPIRED), *living], threads=8)

    answers = [_run(engine_stack, LOOKS)]
    while not answers[-1]["finished"]:
        assert len(answers) < 20
        answers.append(_run(engine_stack, LOOKS))

    assert len(answers) >= 5
    assert _deleted(answers) == EXPIRED
    assert _present(engine_stack) == expected
    assert all(engine_stack.is_signed_in(each.access_token) for each in tokens)
    assert _deleted([_run(engine_stack)]) == 0
