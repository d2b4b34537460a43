"""What a cold start loads: every handler only what its flow needs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local.template import ROOT

FUNCTIONS = sorted(path.stem for path in (ROOT / "functions").glob("*.py"))
ENVIRONMENT = {"PYTHONPATH": "functions:layers/common"}
SLOW = {"pydantic", "aws_xray_sdk", "requests", "jsonschema", "zxcvbn", "fastjsonschema", "cryptography", "yaml"}
SLOW |= {"boto3", "s3transfer", "multiprocessing"}  # a tenth of a start, for nothing (docs/decisions/0009)

# By function: the modules of Rekey, all of them, and how many of each library at most.
HELD: dict[str, Any] = json.loads((ROOT / "tests/invariants/modules.json").read_text())
TO_HOLD_THESE = "is that meant? Then run make documents"


@cache
def loaded(function: str) -> set[str]:
    """The modules of a fresh interpreter that has imported a handler, without any of the environment's variables."""
    code = f"import sys, {function}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return set(run.stdout.decode().split())


def loaded_besides_python(function: str) -> set[str]:
    """Those of the interpreter itself are not among them: they differ by version, one by its processor, and Debian's
    has a `sitecustomize`. Nor is what pip puts there so that `rekey-admin` runs from this folder.
    """
    return {name for name in loaded(function) if not _is_of_python(name)}


def _is_of_python(module: str) -> bool:
    first = module.partition(".")[0]
    added = ("_sysconfigdata_", "__editable__", "sitecustomize")
    return first in sys.stdlib_module_names or first.startswith(added)


def summary(function: str) -> dict[str, Any]:
    """As it is held in modules.json."""
    names = loaded_besides_python(function)
    own = sorted(name for name in names if name.startswith("rekey."))
    libraries = Counter(name.partition(".")[0] for name in names - {*own, "rekey", "__main__", function})
    here = {"_distutils_hack", "certifi"}  # of the tests' environment, and in no layer
    return {
        "rekey": [name.removeprefix("rekey.") for name in own],
        "libraries": {name: libraries[name] for name in sorted({*libraries} - here)},
    }


def held(function: str) -> dict[str, Any]:
    """Its part of modules.json, which a new function is not in yet."""
    assert function in HELD, f"{function} is not in modules.json: run make documents"
    return dict(HELD[function])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_own_modules(function: str) -> None:
    """A handler loads the modules of Rekey's that are held for it, no more and no fewer."""
    assert summary(function)["rekey"] == held(function)["rekey"], TO_HOLD_THESE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_libraries(function: str) -> None:
    """A handler loads the libraries that are held for it, and no more modules of each than are held."""
    now, most = summary(function)["libraries"], held(function)["libraries"]

    assert set(now) == set(most), TO_HOLD_THESE
    assert {name: count for name, count in now.items() if count > most[name]} == {}, TO_HOLD_THESE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_slow_module(function: str) -> None:
    """No handler loads a module that is slow and not used."""
    assert loaded(function) & SLOW == set()


def test_nothing_is_made_at_import() -> None:
    """Outside Lambda, importing every handler makes no session of the SDK, and needs no variable of the environment."""
    code = f"import {', '.join(FUNCTIONS)}; from rekey.aws import sdk; assert not sdk._session.cache_info().currsize"

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, cwd=ROOT, check=True)


def test_the_client_is_made_while_lambda_starts() -> None:
    """In Lambda, the client that every function uses is there before the first request."""
    code = "import authorizer; from rekey.aws import sdk; assert sdk.dynamodb.cache_info().currsize"
    lambdas = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT | lambdas, cwd=ROOT, check=True)


if __name__ == "__main__":
    Path(__file__).with_name("modules.json").write_text(
        json.dumps({function: summary(function) for function in FUNCTIONS}, indent=1) + "\n"
    )
