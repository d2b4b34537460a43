"""What makes clients of docs/openapi.json, and the second opinion of it: found here, or named as lacking."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from local.template import ROOT

HOME = ROOT / ".cache/clients"
DOCUMENT = ROOT / "docs/openapi.json"
PYTHON = HOME / "python/bin/python"
NODE = (20, 19)  # the oldest that Redocly's CLI runs on
LONGEST = 150  # seconds that a command may take, on a busy machine


@cache
def lacking() -> str | None:
    """Why no client can be made here; None where it can."""
    if not shutil.which("node") or _node() < NODE:
        return f"no Node {'.'.join(map(str, NODE))} or newer"
    return None if (HOME / "ready").exists() else "no generators of clients: make tools"


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """What a command prints. It reports to nobody, and fails with what it says."""
    path = os.pathsep.join([str(PYTHON.parent), str(HOME / "node_modules/.bin"), os.environ["PATH"]])
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "CI"}}
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=kept | quiet | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
    return done.stdout


def _node() -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", run("node", "--version"))[:2]))
