"""What CI makes of a test that is skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.template import ROOT

SKIPPED = """
import pytest

def test_of_what_is_lacking():
    pytest.skip("no engine")
"""


@pytest.mark.parametrize(("ci", "closing"), [("true", "1 failed"), ("", "1 skipped")])
def test_skip_fails_in_ci_alone(tmp_path: Path, ci: str, closing: str) -> None:
    """With CI set a skipped test fails and says what is lacking; without, it is skipped."""
    (tmp_path / "test_it.py").write_text(SKIPPED)
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", f"{tmp_path}/test_it.py"]
    environment = os.environ | {"CI": ci, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert closing in done.stdout.splitlines()[-1], done.stdout + done.stderr
    assert "no engine" in done.stdout
    assert done.returncode == (1 if ci else 0)
