"""Hashes of other systems, verified by what the layer holds and nothing else: its libraries are cut to what is used."""

import os
import platform
import subprocess
from pathlib import Path

import pytest

from local.template import load_template
from tests.foreign_hashes import FIREBASE, FIREBASE_PASSWORD, HASHES, PASSWORD

pytestmark = pytest.mark.runtime

LAYERS = {"x86_64": "X86Layer", "aarch64": "Arm64Layer"}
JUDGE = "import sys; from rekey.credentials import passwords; sys.exit(0 if passwords.matches(*sys.argv[1:]) else 3)"
KNOWN = {name: (kept, PASSWORD) for name, kept in HASHES.items()} | {"firebase": (FIREBASE, FIREBASE_PASSWORD)}


@pytest.mark.parametrize("name", KNOWN)
def test_verified_in_the_layer(built: Path, name: str) -> None:
    """With the layer alone on Python's path, the password matches and another does not."""
    kept, password = KNOWN[name]

    assert (judge(built, kept, password), judge(built, kept, password + "0")) == (0, 3)


def judge(built: Path, kept: str, password: str) -> int:
    """The exit code of a process of Lambda's version of Python that has nothing but the layer."""
    layer = built / LAYERS[platform.machine()] / "python"
    environment = {**os.environ, "PYTHONPATH": str(layer), **load_template({}).environment()}
    command = ["python3.13", "-S", "-B", "-c", JUDGE, kept, password]
    return subprocess.run(command, env=environment, check=False).returncode
