"""What the tests of the built artefact need on the machine: found here, or named as lacking."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from local.containers import ARCHITECTURE
from local.template import ROOT

PYTHON = ROOT / ".cache/runtime/bin/python"


@cache
def find_sam() -> str | None:
    """The SAM CLI: the project's own before any on the path."""
    return shutil.which("sam", path=f"{ROOT}/.sam/bin{os.pathsep}{os.environ['PATH']}")


def find_emulator() -> Path | None:
    """The Lambda Runtime Interface Emulator, which the SAM CLI brings; it runs on Linux."""
    home = Path(find_sam() or "").resolve().parent.parent
    found = home.glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}")
    return next(found, None) if sys.platform == "linux" else None


@cache
def lacking() -> str | None:
    """Why nothing can be built here; None where it can."""
    if not find_sam():
        return "no SAM CLI: make tools"
    if not _answers("python3.13", "-c", "") or not _answers("python3.13", "-m", "pip", "--version"):
        return "no python3.13 with pip on the path: sam build needs the runtime's own version"
    return None


@cache
def lacking_emulator() -> str | None:
    """Why nothing that is built can be run under the emulator here; None where it can."""
    if not find_emulator():
        return "no Lambda Runtime Interface Emulator: Linux, and a SAM CLI from PyPI, as make tools installs it"
    return None if PYTHON.exists() else "no Lambda runtime client: make tools"


@cache
def lacking_containers() -> str | None:
    """Why `sam local` cannot run here; None where it can."""
    return None if _answers("docker", "info") else "no container engine: docker info fails"


def _answers(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
