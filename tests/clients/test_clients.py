"""What generators make of docs/openapi.json compiles, and signs somebody up and in on a running instance."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.clients.tools import DOCUMENT, HOME, PYTHON, run

HERE = Path(__file__).parent
PASSWORD = "Correct-Horse-9"

pytestmark = pytest.mark.clients


def test_redocly_finds_nothing() -> None:
    """A validator that shares no code with the one in tests/test_openapi.py: valid, and no warning of its style."""
    run("redocly", "lint", "--config", HERE / "redocly.yaml", DOCUMENT)


def test_typescript(tmp_path: Path, origin: str) -> None:
    """openapi-typescript's types under `tsc --strict`, and openapi-fetch."""
    for name in ("client.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(HOME / "node_modules")
    run("openapi-typescript", DOCUMENT, "--output", "rekey.d.ts", cwd=tmp_path)
    run("tsc", "--project", ".", cwd=tmp_path)

    printed = run("node", "client.js", origin, "typescript@example.com", PASSWORD, cwd=tmp_path)

    require_signed_in(printed, "typescript@example.com")


def test_python(tmp_path: Path, origin: str) -> None:
    """openapi-python-client's client: nothing of the document is dropped, and a program with it is `mypy --strict`."""
    shutil.copy(HERE / "client.py", tmp_path)
    made = ["--output-path", "rekey_client", "--meta", "none", "--fail-on-warning"]
    run("openapi-python-client", "generate", "--path", DOCUMENT, *made, cwd=tmp_path)
    strict = ["--strict", "--follow-imports", "silent", "--python-executable", str(PYTHON), "client.py"]
    run(sys.executable, "-m", "mypy", *strict, cwd=tmp_path)

    printed = run(PYTHON, "client.py", origin, "python@example.com", PASSWORD, cwd=tmp_path)

    require_signed_in(printed, "python@example.com")


def require_signed_in(printed: str, email: str) -> None:
    assert json.loads(printed) == {
        "next": "totp-setup",
        "code": "invalid_credentials",
        "email": email,
        "digits": 32,
    }


def test_nothing_in_the_lock_is_of_one_machine() -> None:
    """Each package of npm is held by its digest, and comes from whichever registry the machine asks."""
    lock = json.loads((HERE / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}

    assert packages
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not [name for name, each in packages.items() if "resolved" in each]
    pinned = json.loads((HERE / "package.json").read_text())["devDependencies"]
    assert pinned == {name: packages[f"node_modules/{name}"]["version"] for name in pinned}
