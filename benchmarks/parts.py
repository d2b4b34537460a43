"""The parts of the benchmark. Each is a module that runs alone, with `measure` and `tables`."""

from __future__ import annotations

import importlib
from typing import Any

PARTS = ("calls", "warm", "costs", "growth", "cold_starts", "memory", "hashing", "partitions")


def measure(part: str) -> tuple[dict[str, Any], str]:
    """What was measured, and its tables. Here, and not in the program itself: a process of its own can find it."""
    module = importlib.import_module(f"benchmarks.{part}")
    measured = module.measure()
    return measured, module.tables(measured)
