"""Fixtures: the stack on Amazon's own engine, with fresh tables for each test."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from local.template import load_template
from rekey.aws import sdk
from tests.engine.dynamodb_local import lacking, serve
from tests.engine.races import CALLERS, Race
from tests.stack import Account, Clock, Stack


@pytest.fixture(scope="module")
def dynamodb_local() -> Iterator[str]:
    """The endpoint of the engine. Each file has one of its own, for it grows slower with every race it has seen."""
    if reason := lacking():
        pytest.skip(reason)
    with serve() as endpoint:
        yield endpoint


@pytest.fixture
def engine_stack(  # the clock and the hashes must be in place first
    monkeypatch: pytest.MonkeyPatch,
    dynamodb_local: str,
    frozen: Clock,  # noqa: ARG001
    cheap_hashes: None,  # noqa: ARG001
    parameters: dict[str, str],
) -> Iterator[Stack]:
    """The stack with its tables on DynamoDB Local; moto stands in for the rest of AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", dynamodb_local)
    # Ten connections, botocore's default, would make callers queue who are to meet at the engine.
    monkeypatch.setattr(sdk, "CONFIG", sdk.CONFIG.merge(Config(max_pool_connections=4 * CALLERS)))
    # Moto would hold each call against the patterns of all its services before it lets it pass.
    with mock_aws(config={"core": {"passthrough": {"urls": [re.escape(dynamodb_local)]}}}):
        template = load_template({"LinkOrigin": "https://app.example.com", **parameters})
        prefix = secrets.token_hex(4)
        tables = {name: f"{prefix}-{name}" for name in ("AccountsTable", "EventsTable", "TokensTable")}
        template.physical = {**Stack.physical_names(template), **tables}
        for name, value in template.environment().items():
            monkeypatch.setenv(name, value)
        stack = Stack(template)
        stack.create()
        sdk.dynamodb()  # made before threads begin: boto3's default session is not for two threads at once
        yield stack
        for table in tables.values():
            boto3.client("dynamodb").delete_table(TableName=table)


@pytest.fixture
def engine_account(engine_stack: Stack) -> Account:
    """An account, signed in."""
    return engine_stack.sign_up()


@pytest.fixture
def race() -> Iterator[Race]:
    """Callers who start together. Pytest shows the seed of a race that failed."""
    seed = os.environ.get("RACE_SEED") or secrets.token_hex(4)
    print(f"RACE_SEED={seed}")  # noqa: T201
    with ThreadPoolExecutor(CALLERS) as pool:
        yield Race(pool, seed)
