"""How much memory a function needs, and what size of Lambda that makes cheapest: `python -m benchmarks.memory`.

Each built function runs under the emulator, and its runtime process is asked what its memory reached and how much CPU
time an invocation took. The rest is a model: Lambda gives a function memory/1769 of a vCPU and one thread runs, so an
invocation takes its CPU time at that share, and 5 ms a call to AWS, each waited for by itself. A vCPU is taken to be as
quick as a core of this machine, and no cold start is billed. Each function is sent its event in events/. sign_up has
the request for a mail there; completing a sign-up hashes once, as reset does.
"""

from __future__ import annotations

import math
import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import cold_builds, prices
from benchmarks.cold_stage import Stage, staged
from tests.demo_events import load_event
from tests.runtime import emulator
from tests.runtime.emulator import Running
from tests.scenarios.samples import FUNCTIONS, answer_to_sample
from tests.scenarios.scenario import outcome

INVOCATIONS = 9
WHOLE_VCPU = 1769  # MB (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)
SIZES = (128, 192, 256, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1769, 2048, 3008)
TRIP = 5  # ms that a call to AWS is waited for
SPARE = 1.25  # times the memory that was seen to be used
LONGEST_INIT = 10_000  # ms: what takes longer to start, Lambda stops and begins again
TARGET = 100  # ms that an invocation of a function may take at the median, but for
TARGETS = {"authorizer": 25, "notify": 1000, "mailer": 1000, "cleanup": 1000}  # before every request; nobody waits
SHOWN = ("sign_in", "authorizer")


@dataclass(frozen=True)
class Use:
    """What a function used: memory in MB, CPU time in ms, calls to AWS an invocation."""

    memory_at_init: float
    memory: float
    cpu_at_init: float
    cpu: float
    calls: int


def measure() -> dict[str, Any]:
    """Each function's use, the sizes that would do, and the cheapest of them."""
    built = cold_builds.ours()
    with tempfile.TemporaryDirectory() as folder, staged() as stage:
        uses = {function: use(built, stage, function, Path(folder) / "log") for function in FUNCTIONS}
    return {
        "model": {"trip_ms": TRIP, "whole_vcpu_mb": WHOLE_VCPU, "spare_memory": SPARE, "longest_init_ms": LONGEST_INIT},
        "functions": {function: chosen(function, its) for function, its in uses.items()},
    }


def use(built: Path, stage: Stage, function: str, log: Path) -> Use:
    """One event nobody sends begins it, so that its INIT is seen by itself; one invocation more makes it warm."""
    with emulator.serve(built, stage.template, function, log) as running:
        running.invoke({"headers": {}, "Records": []})
        runtime = _runtime(running)
        memory_at_init, cpu_at_init = _high_water(runtime), _cpu(runtime)
        spent = [_invocation(stage, function, running, runtime) for _ in range(INVOCATIONS + 1)][1:]
        return Use(
            memory_at_init=memory_at_init,
            memory=_high_water(runtime),
            cpu_at_init=cpu_at_init,
            cpu=statistics.median(cpu for cpu, _ in spent),
            calls=max(calls for _, calls in spent),
        )


def _invocation(stage: Stage, function: str, running: Running, runtime: int) -> tuple[float, int]:
    """The CPU time and the calls of the function's own event, answered as it should be."""
    stage.restore()
    calls, cpu = stage.calls, _cpu(runtime)
    answer = running.invoke(load_event(function))
    if outcome(function, answer) != answer_to_sample(function):
        raise RuntimeError(f"{function}: {answer}\n{running.log.read_text()}")
    return _cpu(runtime) - cpu, stage.calls - calls


def _runtime(running: Running) -> int:
    """The process that runs the handler: the emulator's child."""
    threads = Path(f"/proc/{running.process}/task").glob("*/children")  # any thread of it may have begun the runtime
    return int(next(child for thread in threads for child in thread.read_text().split()))


def _high_water(process: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) / 1024


def _cpu(process: int) -> float:
    """The time of all its threads. The process's own clock is numbered as clock_getcpuclockid(3) does."""
    return time.clock_gettime_ns((~process << 3) | 2) / 1e6


def chosen(function: str, its: Use) -> dict[str, Any]:
    """What the function used, what each size would make of it, and the cheapest that meets its target."""
    sizes = [sized(its, memory) for memory in SIZES]
    target = TARGETS.get(function, TARGET)
    return {
        "memory_at_init_mb": round(its.memory_at_init, 1),
        "memory_mb": round(its.memory, 1),
        "cpu_at_init_ms": round(its.cpu_at_init, 1),
        "cpu_ms": round(its.cpu, 2),
        "aws_calls": its.calls,
        "target_ms": target,
        "sizes": sizes,
        "cheapest": cheapest(its, sizes, target),
    }


def sized(its: Use, memory: int) -> dict[str, Any]:
    """Latency and price of a million invocations at a size. Lambda bills whole milliseconds, waiting included."""
    slower = max(1.0, WHOLE_VCPU / memory)
    latency = its.cpu * slower + its.calls * TRIP
    gb_seconds = memory / 1024 * math.ceil(latency) / 1000
    return {
        "memory_mb": memory,
        "latency_ms": round(latency, 1),
        "init_ms": round(its.cpu_at_init * slower),
        "usd_per_million": {
            architecture: round(price.of(gb_seconds * prices.MILLION) + prices.LAMBDA_REQUESTS.of(prices.MILLION), 2)
            for architecture, price in prices.LAMBDA_GB_SECONDS.items()
        },
    }


def cheapest(its: Use, sizes: list[dict[str, Any]], target: float) -> dict[str, Any] | None:
    """None where no size meets the target."""
    meeting = [
        size
        for size in sizes
        if size["latency_ms"] <= target and size["init_ms"] <= LONGEST_INIT and size["memory_mb"] >= its.memory * SPARE
    ]
    return min(meeting, key=lambda size: float(size["usd_per_million"]["arm64"]), default=None)


def tables(measured: dict[str, Any]) -> str:
    """What each function needs; then, for one that hashes and one that does not, what each size would cost."""
    functions = measured["functions"]
    return "\n\n".join([_needs(functions), *(_sizes(name, functions[name]) for name in SHOWN)])


def _needs(functions: dict[str, Any]) -> str:
    head = (
        f"{'':14} {'MB at INIT':>10} {'MB':>6} {'INIT CPU ms':>11} {'CPU ms':>7} {'calls':>5} {'target':>6}   cheapest"
    )
    lines = [head]
    for name, its in functions.items():
        size = its["cheapest"]
        best = f"{size['memory_mb']:5} MB {_price(size)}" if size else "none meets it"
        lines.append(
            f"{name:14} {its['memory_at_init_mb']:10.1f} {its['memory_mb']:6.1f} {its['cpu_at_init_ms']:11.1f}"
            f" {its['cpu_ms']:7.2f} {its['aws_calls']:5} {its['target_ms']:6}   {best}"
        )
    return "\n".join(lines)


def _sizes(name: str, its: dict[str, Any]) -> str:
    lines = [f"{name}: {its['target_ms']} ms at the median"]
    lines += [f"{size['memory_mb']:5} MB {_price(size)}" for size in its["sizes"]]
    return "\n".join(lines)


def _price(size: dict[str, Any]) -> str:
    usd = size["usd_per_million"]
    return f"{size['latency_ms']:7.1f} ms   {usd['arm64']:6.2f} USD a million on arm64 {usd['x86_64']:6.2f} on x86_64"


def main() -> None:
    print(tables(measure()))


if __name__ == "__main__":
    main()
