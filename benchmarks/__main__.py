"""All measurements, one after the other: `make bench`, or `python -m benchmarks --only warm`.

Each part is a module that runs alone, too (`python -m benchmarks.warm`). The tables are printed; what was measured is
written to bench-results/ as JSON, with the machine, the versions and the commit.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from typing import Any

from benchmarks import parts
from benchmarks.parts import PARTS
from local.template import ROOT
from tests.engine.dynamodb_local import find_jar
from tests.runtime import tools

LIBRARIES = ("boto3", "botocore", "argon2-cffi", "argon2-cffi-bindings", "aws-lambda-powertools", "msgspec", "moto")
NEEDS_BUILD = {"cold_starts", "memory"}
RESULTS = ROOT / "bench-results"


def main() -> int:
    arguments = ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    arguments.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=" ".join(PARTS))
    chosen = arguments.parse_args().only
    begun = datetime.now(UTC)
    measured: dict[str, Any] = {"at": begun.isoformat(timespec="seconds"), **_circumstances(), "seconds": {}}
    failed = [part for part in chosen if not _run(part, measured)]
    RESULTS.mkdir(exist_ok=True)
    results = RESULTS / f"{begun:%Y-%m-%dT%H-%M-%S}.json"
    results.write_text(json.dumps(measured, indent=1))
    print(f"Written to {results.relative_to(ROOT)}. " + (f"Failed: {', '.join(failed)}." if failed else ""))
    return 1 if failed else 0


def _run(part: str, measured: dict[str, Any]) -> bool:
    """Measure a part in a process of its own, and print it. Whether that went well; to be skipped is well."""
    print(f"\n== {part} ==", flush=True)
    if reason := _lacking(part):
        print(f"Skipped. {reason}")
        measured[part] = {"lacking": reason}
        return True
    begun = time.monotonic()
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            measured[part], tables = pool.submit(parts.measure, part).result()
    except Exception as fault:  # noqa: BLE001 - the other parts are measured all the same
        print(f"Failed: {fault!r}", flush=True)
        return False
    measured["seconds"][part] = round(time.monotonic() - begun)
    print(f"{tables}\n({measured['seconds'][part]} s)", flush=True)
    return True


def _lacking(part: str) -> str | None:
    """What this machine lacks to build functions and run them; what else is lacking the parts say themselves."""
    return tools.lacking() or tools.lacking_emulator() if part in NEEDS_BUILD else None


def _circumstances() -> dict[str, Any]:
    """What a figure depends on."""
    jar = find_jar()
    return {
        "commit": _said("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40"),
        "machine": {
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "memory": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
            "system": platform.platform(),
        },
        "versions": {
            "python": sys.version.split()[0],
            **{name: version(name) for name in LIBRARIES},
            "DynamoDB Local": jar.parent.name if jar else None,
        },
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as described:  # noqa: PTH123
            lines = [line.partition(":")[2].strip() for line in described if line.startswith("model name")]
    except OSError:
        lines = []
    return lines[0] if lines else platform.processor() or platform.machine()


def _said(*command: str) -> str | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None  # no git, or no repository


if __name__ == "__main__":
    sys.exit(main())
