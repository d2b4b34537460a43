"""The tutorial docs/first-account.md, done as it says."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.template import ROOT
from tests.local.conftest import PATIENCE, Running


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is lacking, with which the tutorial calls")
def test_every_command_answers_as_the_tutorial_says(instance: Running, tmp_path: Path) -> None:
    """Its commands run in one shell, on a new address, and each prints the status that stands behind it."""
    page = (ROOT / "docs/first-account.md").read_text()
    commands = "".join(re.findall(r"^```bash\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    told = re.findall(r"^call .*# (\d{3})$", commands, re.MULTILINE)
    here = {
        "http://localhost:3000": f"http://127.0.0.1:{instance.port}",
        "ada@example.com": f"{secrets.token_hex(4)}@example.com",
        ".venv/bin/python": sys.executable,
    }
    for tutorial, ours in here.items():
        assert tutorial in commands
        commands = commands.replace(tutorial, ours)

    done = subprocess.run(
        ["bash", "-eu", "-c", commands], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^\d{3}$", done.stdout, re.MULTILINE) == told
    assert len(told) == len(re.findall(r"^call ", commands, re.MULTILINE)) > 10
