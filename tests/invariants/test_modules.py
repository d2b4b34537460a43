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
SLOW |= {"boto3", "s3transfer", "multiprocessing"}  # a tenth of a start, for nothing (docs/decisions/0009)

# Which functions may load what only some need.
ONLY = {
    "segno": {"totp_setup"},
    "pyotp": {"totp_setup"},  # for the URI
    "rekey.totp": {"sign_in", "totp_setup", "totp_verify", "totp_disable"},
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
    """Outside Lambda, importing every handler makes no session of the SDK, and needs no variable of the environment."""
    code = (
        f"import {', '.join(FUNCTIONS)}; from rekey import clients; assert not clients._session.cache_info().currsize"
    )

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, cwd=ROOT, check=True)


def test_the_client_is_made_while_lambda_starts() -> None:
    """In Lambda, the client that every function uses is there before the first request."""
    code = "import authorizer; from rekey import clients; assert clients.dynamodb.cache_info().currsize"
    lambdas = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}

    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT | lambdas, cwd=ROOT, check=True)
