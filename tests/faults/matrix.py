"""Every fault at every call of every flow: what must hold is the same for all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from tests.faults.changes import all_rows, changes
from tests.faults.flows import FLOWS, Attempt, Flow
from tests.faults.network import CRASH_AFTER, CRASH_BEFORE, kinds, network
from tests.stack import Answer, Stack

_complete: dict[str, Counter[str]] = {}


@dataclass(frozen=True)
class Case:
    flow: Flow
    call: str
    kind: str
    lasting: bool

    def __str__(self) -> str:
        often = "" if self.kind.startswith("crash") else ("-lasting" if self.lasting else "-once")
        return f"{self.flow.name}-{self.call}-{self.kind}{often}"


def every_case() -> list[Case]:
    return [
        case
        for flow in FLOWS
        for call in flow.calls.split()
        for case in (
            *(Case(flow, call, kind, lasting) for kind in kinds(call) for lasting in (False, True)),
            *(Case(flow, call, kind, lasting=False) for kind in (CRASH_BEFORE, CRASH_AFTER)),
        )
    ]


def told(answer: Answer) -> str:
    """`204`, or `400 token_invalid`."""
    return f"{answer.status} {answer.code}".strip()


def changes_of(stack: Stack, flow: Flow) -> Counter[str]:
    """What the flow changes when all goes well, found out once by letting it; and that its calls are those it names."""
    if flow.name not in _complete:
        attempt = flow.prepare(stack)
        before = all_rows()
        with network() as calm:
            assert told(attempt()) == flow.answers
        assert sorted(calm.calls) == sorted(flow.calls.split())
        _complete[flow.name] = changes(before, all_rows())
    return _complete[flow.name]


def require_all_or_nothing(stack: Stack, case: Case) -> None:
    """The fault is a clear error or none at all, nothing is done by half, and asking again ends well."""
    complete = changes_of(stack, case.flow)
    attempt = case.flow.prepare(stack)
    before = all_rows()

    with network(case.call, case.kind, lasting=case.lasting) as faulty:
        _require_clear_answer(case, attempt)
    assert faulty.struck

    done = changes(before, all_rows())
    assert done in (Counter(), complete)
    if not case.lasting and not case.kind.startswith("crash"):
        assert done == complete
    assert told(attempt()) == (case.flow.again if done else case.flow.answers)
    final = changes(before, all_rows())
    assert (set(final) == set(complete)) if case.flow.repeatable else (final == complete)


def _require_clear_answer(case: Case, attempt: Attempt) -> None:
    if case.kind.startswith("crash"):
        with pytest.raises(SystemExit):
            attempt()
        return
    answer = attempt()
    assert told(answer) == ("503 service_unavailable" if case.lasting else case.flow.answers)
    assert ("Retry-After" in answer.headers) == case.lasting
