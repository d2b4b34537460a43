"""What a cold start loads: every handler only what its flow needs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from local.template import ROOT

FUNCTIONS = sorted(path.stem for path in (ROOT / "functions").glob("*.py"))
ENVIRONMENT = {"PYTHONPATH": "functions:layers/common"}
SLOW = {"pydantic", "aws_xray_sdk", "requests", "jsonschema", "zxcvbn", "fastjsonschema", "cryptography", "yaml"}

# Which functions may load what only some need.
ONLY = {
    "segno": {"totp_setup"},
    "pyotp": {"sign_in", "totp_setup", "totp_verify", "totp_disable"},
    "argon2": {"sign_up", "sign_in", "change", "reset", "totp_setup", "totp_disable"},
    "zxcvbn_rs_py": {"sign_up", "change", "reset"},
    "rekey.mails": {"notify"},
    "rekey.http": set(FUNCTIONS) - {"authorizer", "notify", "cleanup"},
}


@cache
def loaded(function: str) -> set[str]:
    """The modules of a fresh interpreter that has imported a handler, without any of the environment's variables."""
    code = f"import json, sys, {function}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return set(json.loads(run.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_slow_module(function: str) -> None:
    """No handler loads a module that is slow and not used."""
    assert not loaded(function) & SLOW


@pytest.mark.parametrize("module", ONLY)
def test_only_where_needed(module: str) -> None:
    """A module that some flows need is loaded by those alone."""
    assert {function for function in FUNCTIONS if module in loaded(function)} == ONLY[module]


def test_nothing_is_made_at_import() -> None:
    """Importing every handler makes no session of boto3, and needs no variable of the environment."""
    code = f"import boto3, {', '.join(FUNCTIONS)}; assert boto3.DEFAULT_SESSION is None"

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, cwd=ROOT, check=True)
