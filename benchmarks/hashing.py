"""What a hash takes, by the published wheel and by the layer's own build, and what the difference would buy:
`python -m benchmarks.hashing`.

Both extensions are loaded into one process and take turns, hash by hash, in every round. CPU time, of all threads,
page faults included. Where no build is made (docs/decisions/0008-argon2-build.md) the wheel is measured alone.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from importlib.machinery import ExtensionFileLoader
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import argon2

from local.template import ROOT

ROUNDS = 17
WARM_UP = 2  # glibc learns from the first hashes to keep their memory
VERIFYING = "verifying at the default"
DEFAULT = (19456, 2, 1)
# KiB of memory, passes, lanes: OWASP's list, what lies near, and what RFC 9106 recommends where memory is scarce.
PARAMETERS = (
    DEFAULT,
    (12288, 3, 1),
    (47104, 1, 1),
    (19456, 3, 1),
    (24576, 2, 1),
    (31744, 2, 1),
    (32768, 2, 1),
    (65536, 3, 4),
)
PASSWORD, SALT = b"correct horse battery staple", b"somesaltsomesalt"
KEPT = b"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y"
GIGABYTES = 1769 / 1024  # as the template has it
PRICES = {"arm64": 0.0000133334, "x86_64": 0.0000166667}  # dollars for a second of a gigabyte, us-east-1


def measure() -> dict[str, Any]:
    """Milliseconds by build, of hashing by parameters and of verifying at the default; what the script said of it."""
    with TemporaryDirectory() as scratch:
        said, builds = _load(Path(scratch))
    times: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in builds}
    for _ in range(ROUNDS):
        for parameters in PARAMETERS:
            for name, build in builds.items():
                times[name][_named(parameters)].append(_hash(build, *parameters))
        for name, build in builds.items():
            times[name][VERIFYING].append(_verify(build))
    return {"build": said, "ms": {name: _medians(cases) for name, cases in times.items()}}


def _medians(cases: dict[str, list[float]]) -> dict[str, float]:
    return {case: statistics.median(measured[WARM_UP:]) for case, measured in cases.items()}


def _load(scratch: Path) -> tuple[str, dict[str, Any]]:
    packages = Path(argon2.__file__).parent.parent
    for package in ("argon2", "_argon2_cffi_bindings"):
        shutil.copytree(packages / package, scratch / package)
    (scratch / f"argon2_cffi_bindings-{version('argon2-cffi-bindings')}.dist-info").mkdir()
    command = [sys.executable, str(ROOT / "layers/common/build_argon2.py"), "x86_64", str(scratch)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    extension = "_argon2_cffi_bindings/_ffi.abi3.so"
    builds = {"wheel": _extension(packages / extension)}
    if (scratch / extension).read_bytes() != (packages / extension).read_bytes():
        builds["layer"] = _extension(scratch / extension)
    return said, builds


def _extension(path: Path) -> Any:
    loader = ExtensionFileLoader("_ffi", str(path))
    spec = spec_from_loader("_ffi", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def _hash(build: Any, memory: int, passes: int, lanes: int) -> float:
    ffi, lib = build.ffi, build.lib
    out = ffi.new("uint8_t[]", 32)
    given = (passes, memory, lanes, PASSWORD, len(PASSWORD), SALT, len(SALT), out, 32, ffi.NULL, 0)
    begin = time.process_time()
    result = lib.argon2_hash(*given, lib.Argon2_id, lib.ARGON2_VERSION_NUMBER)
    taken = time.process_time() - begin
    assert result == lib.ARGON2_OK
    return taken * 1000


def _verify(build: Any) -> float:
    begin = time.process_time()
    result = build.lib.argon2_verify(KEPT, PASSWORD, len(PASSWORD), build.lib.Argon2_id)
    taken = time.process_time() - begin
    assert result == build.lib.ARGON2_OK
    return taken * 1000


def _named(parameters: tuple[int, int, int]) -> str:
    return "m={},t={},p={}".format(*parameters)


def tables(measured: dict[str, Any]) -> str:
    """Time as a ratio to the wheel's at the default; an attacker's cost as chip area times time, so as t·m²."""
    ms = measured["ms"]
    base = ms["wheel"][_named(DEFAULT)]
    lines = [measured["build"], "", _row("", [*ms, "attacker"]), "| --- |" + " ---: |" * (len(ms) + 1)]
    for parameters in PARAMETERS:
        strength = parameters[1] * parameters[0] ** 2 / (DEFAULT[1] * DEFAULT[0] ** 2)
        ratios = [f"{ms[name][_named(parameters)] / base:.2f}" for name in ms]
        lines.append(_row(_named(parameters), [*ratios, f"{strength:.1f}"]))
    lines.append(_row(VERIFYING, [*(f"{ms[name][VERIFYING] / base:.2f}" for name in ms), ""]))
    return "\n".join([*lines, "", *_costs(ms)])


def _costs(ms: dict[str, dict[str, float]]) -> list[str]:
    lines = ["A million hashes at the default, were Lambda's processor as quick as this one:", ""]
    lines += [_row("", ["ms", *PRICES]), "| --- |" + " ---: |" * (len(PRICES) + 1)]
    for name, cases in ms.items():
        taken = cases[_named(DEFAULT)]
        dollars = [f"${taken * 1000 * GIGABYTES * price:.2f}" for price in PRICES.values()]
        lines.append(_row(name, [f"{taken:.1f}", *dollars]))
    return lines


def _row(head: str, cells: list[str]) -> str:
    return f"| {head} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print(tables(measure()))
