"""Cold starts under the Lambda Runtime Interface Emulator: `python -m benchmarks.cold_starts`.

Each function as it is deployed, the same code as a stock `sam build` leaves it, and a bare handler that makes boto3's
DynamoDB client take turns, in rounds. INIT is what the emulator's own INIT REPORT says; the first answer is INIT and
the first invocation together: what is put off from the one to the other is still counted.

One start at a time, free to use the cores there are: two side by side, each held to a core that it shares with the
emulator and the AWS, wait for each other so much that all ratios come out nearer to 1.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import cold_builds
from benchmarks.cold_stage import Stage, aws_environment, staged
from tests.demo_events import load_event
from tests.runtime import emulator
from tests.runtime.emulator import Running
from tests.scenarios.samples import FUNCTIONS, answer_to_sample
from tests.scenarios.scenario import outcome

STARTS = 15  # of each
BARE_EVERY = 5  # a bare start before so many functions
MOST_OVER_BARE, MOST_OF_STOCK = 1.25, 0.5

_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
_INVOCATION = re.compile(r"INVOKE RTDONE\(.*duration: ([\d.]+)ms\)")


@dataclass(frozen=True)
class Start:
    """One cold start, in milliseconds. The first answer includes INIT."""

    kind: str
    function: str
    init: float
    first_answer: float


@dataclass(frozen=True)
class Builds:
    ours: Path
    stock: Path
    bare: Path


def measure() -> dict[str, Any]:
    """Every function's cold start, against the bare handler's and the stock build's."""
    builds = Builds(cold_builds.ours(), cold_builds.stock(), cold_builds.bare())
    with tempfile.TemporaryDirectory() as folder, staged() as stage:
        log = Path(folder) / "log"
        return summary([start for _ in range(STARTS) for start in _round(stage, builds, log)])


def _round(stage: Stage, builds: Builds, log: Path) -> Iterator[Start]:
    for index, function in enumerate(FUNCTIONS):
        if index % BARE_EVERY == 0:
            yield _start("bare", "bare", _serve_bare(builds.bare, log), {}, bool)
        for kind, built in (("ours", builds.ours), ("stock", builds.stock)):
            stage.restore()
            serving = emulator.serve(built, stage.template, function, log)
            yield _start(kind, function, serving, load_event(function), _expecting(function))


def _serve_bare(home: Path, log: Path) -> AbstractContextManager[Running]:
    environment = aws_environment() | {"PYTHONPATH": str(home), "AWS_LAMBDA_FUNCTION_NAME": "bare"}
    return emulator.serve_handler("bare.lambda_handler", home, environment, log)


def _expecting(function: str) -> Callable[[Any], bool]:
    return lambda answer: outcome(function, answer) == answer_to_sample(function)


def _start(
    kind: str,
    function: str,
    serving: AbstractContextManager[Running],
    event: dict[str, Any],
    is_right: Callable[[Any], bool],
) -> Start:
    with serving as running:
        answer = running.invoke(event)
        log = running.log.read_text()
    reported, invoked = _INIT.search(log), _INVOCATION.search(log)
    if not reported or not invoked or not is_right(answer):  # another path than the one that is measured
        raise RuntimeError(f"{kind} {function}: {answer}\n{log}")
    init = float(reported[1])
    return Start(kind, function, init, init + float(invoked[1]))


def summary(starts: list[Start]) -> dict[str, Any]:
    """What the starts come to: medians with their quartiles, and the two ratios the budget is about."""
    grouped: dict[tuple[str, str], list[Start]] = {}
    for start in starts:
        grouped.setdefault((start.kind, start.function), []).append(start)
    times = {key: _times(group) for key, group in grouped.items()}
    bare = times["bare", "bare"]
    functions = {
        function: _compared(times["ours", function], times["stock", function], bare)
        for kind, function in times
        if kind == "ours"
    }
    return {
        "budget": {"init_over_bare": MOST_OVER_BARE, "init_of_stock": MOST_OF_STOCK},
        "within_budget": all(each["within_budget"] for each in functions.values()),
        "bare": bare,
        "functions": functions,
    }


def _times(starts: list[Start]) -> dict[str, Any]:
    return {
        "starts": len(starts),
        "init_ms": _quartiles([start.init for start in starts]),
        "first_answer_ms": _quartiles([start.first_answer for start in starts]),
    }


def _quartiles(values: list[float]) -> dict[str, float]:
    low, median, high = statistics.quantiles(values, n=4)
    return {"low": round(low, 1), "median": round(median, 1), "high": round(high, 1)}


def _compared(ours: dict[str, Any], stock: dict[str, Any], bare: dict[str, Any]) -> dict[str, Any]:
    over_bare, of_stock = _ratio(ours, bare, "init_ms"), _ratio(ours, stock, "init_ms")
    return {
        "ours": ours,
        "stock": stock,
        "init_over_bare": over_bare,
        "init_of_stock": of_stock,
        "first_answer_over_bare": _ratio(ours, bare, "first_answer_ms"),
        "first_answer_of_stock": _ratio(ours, stock, "first_answer_ms"),
        "within_budget": over_bare <= MOST_OVER_BARE and of_stock <= MOST_OF_STOCK,
    }


def _ratio(one: dict[str, Any], other: dict[str, Any], what: str) -> float:
    return round(float(one[what]["median"]) / float(other[what]["median"]), 3)


def tables(measured: dict[str, Any]) -> str:
    """Two tables: INIT, which the budget is about, and the first answer."""
    return "\n\n".join(
        _table(measured, title, what, name)
        for title, what, name in (("INIT", "init", "init_ms"), ("first answer", "first_answer", "first_answer_ms"))
    )


def _table(measured: dict[str, Any], title: str, what: str, name: str) -> str:
    head = f"{title:14} {'ours ms (quartiles)':>24} {'stock ms':>24} {'/ bare':>7} {'/ stock':>7}"
    lines = [head, f"{'bare':14} {_spread(measured['bare'][name])}"]
    for function, its in measured["functions"].items():
        ratios = f"{its[f'{what}_over_bare']:7.2f} {its[f'{what}_of_stock']:7.2f}"
        verdict = ("" if its["within_budget"] else "  over budget") if what == "init" else ""
        lines.append(f"{function:14} {_spread(its['ours'][name])} {_spread(its['stock'][name])} {ratios}{verdict}")
    return "\n".join(lines)


def _spread(times: dict[str, float]) -> str:
    return f"{times['median']:8.1f} ({times['low']:6.1f}-{times['high']:6.1f})"


def main() -> None:
    print(tables(measure()))


if __name__ == "__main__":
    main()
