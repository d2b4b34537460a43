"""Every fault at every call of every scenario: what must hold is the same for all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from tests.faults.changes import all_rows, changes
from tests.faults.network import CRASH_AFTER, CRASH_BEFORE, kinds, network
from tests.scenarios.every import SCENARIOS
from tests.scenarios.scenario import Attempt, Scenario, names_of, told
from tests.stack import Stack

_complete: dict[tuple[str, int], Counter[str]] = {}


@dataclass(frozen=True)
class Case:
    scenario: Scenario
    call: str
    kind: str
    lasting: bool

    def __str__(self) -> str:
        often = "" if self.kind.startswith("crash") else ("-lasting" if self.lasting else "-once")
        return f"{self.scenario.name}-{self.call}-{self.kind}{often}"


def every_case() -> list[Case]:
    return [
        case
        for scenario in SCENARIOS
        for call in names_of(scenario.calls)
        for case in (
            *(Case(scenario, call, kind, lasting) for kind in kinds(call) for lasting in (False, True)),
            *(Case(scenario, call, kind, lasting=False) for kind in (CRASH_BEFORE, CRASH_AFTER)),
        )
    ]


def changes_of(stack: Stack, scenario: Scenario, times: int = 1) -> Counter[str]:
    """What a scenario changes when all goes well, done once or more, found out once by letting it."""
    known = (scenario.name, times)
    if known not in _complete:
        attempt = scenario.attempt(stack)
        before = all_rows(stack)
        assert [told(attempt()) for _ in range(times)] == [scenario.answers, *[scenario.again] * (times - 1)]
        _complete[known] = changes(before, all_rows(stack))
    return _complete[known]


def require_all_or_nothing(stack: Stack, case: Case) -> None:
    """The fault is a clear error or none at all, nothing is done by half, and asking again ends well."""
    complete = changes_of(stack, case.scenario)
    attempt = case.scenario.attempt(stack)
    before = all_rows(stack)

    with network(case.call, case.kind, lasting=case.lasting) as faulty:
        _require_clear_answer(case, attempt)
    assert faulty.struck

    done = changes(before, all_rows(stack))
    assert done in (Counter(), complete), f"done by half: {done}. What belongs together goes in one transaction"
    if not case.lasting and not case.kind.startswith("crash"):
        assert done == complete
    assert told(attempt()) == (case.scenario.again if done else case.scenario.answers)
    final = changes(before, all_rows(stack))
    if done and case.scenario.ends_again:
        assert final == changes_of(stack, case.scenario, times=2)
        return
    assert (set(final) == set(complete)) if case.scenario.repeatable else (final == complete)


def _require_clear_answer(case: Case, attempt: Attempt) -> None:
    if case.kind.startswith("crash"):
        with pytest.raises(SystemExit):
            attempt()
        return
    answer = attempt()
    assert told(answer) == ("503 service_unavailable" if case.lasting else case.scenario.answers)
    assert ("Retry-After" in answer.headers) == case.lasting
