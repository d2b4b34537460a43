"""`rekey-admin` as pip installs it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("rekey-admin")


@pytest.mark.skipif(not PROGRAM.exists(), reason="rekey-admin is not installed here: make test does it")
def test_the_program_starts() -> None:
    """Outside the clone, without its paths, the installed program knows its commands; wrong usage is 2."""
    told = subprocess.run([PROGRAM, "--help"], cwd="/", env={}, capture_output=True, text=True, check=True)
    wrong = subprocess.run([PROGRAM, "find", "x"], cwd="/", env={}, capture_output=True, text=True, check=False)

    assert all(command in told.stdout for command in ("find", "force-sign-in", "delete"))
    assert (wrong.returncode, "--local" in wrong.stderr) == (2, True)
