"""`rekey-admin` as pip installs it."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local.template import ROOT

PROGRAM = Path(sys.executable).with_name("rekey-admin")


@pytest.mark.skipif(not PROGRAM.exists(), reason="rekey-admin is not installed here: make test does it")
def test_the_program_starts() -> None:
    """Outside the clone, without its paths, the installed program knows its commands; wrong usage is 2."""
    told = subprocess.run([PROGRAM, "--help"], cwd="/", env={}, capture_output=True, text=True, check=True)
    wrong = subprocess.run([PROGRAM, "find", "x"], cwd="/", env={}, capture_output=True, text=True, check=False)

    assert all(command in told.stdout for command in ("find", "force-sign-in", "delete"))
    assert (wrong.returncode, "--local" in wrong.stderr) == (2, True)


def test_what_it_imports_comes_with_it() -> None:
    """`pip install .` brings each library that the program imports by name, boto3 for one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    files = project["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    brought = {line.strip() for file in files for line in (ROOT / file).read_text().splitlines()}
    modules = [ast.parse(path.read_text()) for path in (ROOT / "rekey_admin").glob("*.py")]
    imported = {name.partition(".")[0] for module in modules for name in imports_of(module)}

    libraries = imported - sys.stdlib_module_names - {"rekey", "rekey_admin"}
    assert "boto3" in libraries
    assert libraries <= brought


def imports_of(module: ast.Module) -> list[str]:
    """At its top level: what stands under `if TYPE_CHECKING` is not imported."""
    froms = [node.module for node in module.body if isinstance(node, ast.ImportFrom) and node.module]
    return froms + [alias.name for node in module.body if isinstance(node, ast.Import) for alias in node.names]
