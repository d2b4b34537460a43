"""What a new execution environment pays for the hash's memory, hash by hash: `python -m benchmarks.hashing_memory`.

Every case is a fresh process. glibc gives the memory of a hash back, until it has learned that it will be wanted again;
from 32 MiB on it never learns. Page faults are counts, the same in every run; CPU time is told as a ratio.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from typing import Any

ROUNDS = 5
HASHES = 4
PARAMETERS = ("19456, 2", "31744, 2", "32768, 2", "47104, 1")  # KiB of memory, passes
ENVIRONMENTS = {
    "as it is": {},
    "memory kept": {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 30)},  # malloc(3), mallopt(3)
}
CODE = f"""
import json, resource, sys, time
from argon2.low_level import Type, hash_secret_raw
memory, passes = json.loads(sys.argv[1])
for _ in range({HASHES}):
    begin, faults = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    hash_secret_raw(b"password", b"somesaltsomesalt", passes, memory, 1, 32, Type.ID)
    print(json.dumps([time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults]))
"""


def measure() -> dict[str, Any]:
    """By parameters and environment: of the first, second… hash, median seconds of CPU and page faults."""
    runs: dict[str, dict[str, list[Any]]] = {case: {name: [] for name in ENVIRONMENTS} for case in PARAMETERS}
    for _ in range(ROUNDS):
        for case in PARAMETERS:
            for name, variables in ENVIRONMENTS.items():
                runs[case][name].append(_run(case, variables))
    return {case: {name: _medians(taken) for name, taken in by_name.items()} for case, by_name in runs.items()}


def _run(case: str, variables: dict[str, str]) -> list[list[float]]:
    command = [sys.executable, "-c", CODE, f"[{case}]"]
    said = subprocess.check_output(command, env=os.environ | variables, text=True)
    return [json.loads(line) for line in said.splitlines()]


def _medians(runs: list[list[list[float]]]) -> list[dict[str, float]]:
    return [
        {"seconds": statistics.median(run[0] for run in hashes), "faults": statistics.median(run[1] for run in hashes)}
        for hashes in zip(*runs, strict=True)
    ]


def tables(measured: dict[str, Any]) -> str:
    """Page faults, and CPU time as a ratio to that of a warm hash at the default."""
    base = measured[PARAMETERS[0]]["as it is"][-1]["seconds"]
    columns = [f"hash {number}" for number in range(1, HASHES + 1)]
    lines = ["| m, t | malloc | " + " | ".join(columns) + " |", "| --- | --- |" + " ---: |" * HASHES]
    for case, by_name in measured.items():
        for name, hashes in by_name.items():
            cells = [f"{one['faults']:.0f} faults, {one['seconds'] / base:.2f}" for one in hashes]
            lines.append(f"| {case} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables(measure()))
