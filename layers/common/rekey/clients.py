"""AWS clients: made once an environment, and only those a function uses.

Of botocore, which boto3 is a shell around: boto3's own imports are a tenth of a cold start, for S3 and resources that
nothing here uses (docs/decisions/0008).
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_sesv2 import SESV2Client

CONFIG = Config(
    # A function has 10 s: three tries of 1 s to connect and 2 s to answer end before, so a fault is a 503, not a cut.
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    # The rest is work that each call would do for nothing: what is sent is built here, and tested on Amazon's engine.
    parameter_validation=False,
    user_agent="rekey",
    disable_request_compression=True,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    account_id_endpoint_mode="disabled",
)


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def _make(service: str) -> Any:
    return _session().create_client(service, config=CONFIG)


@cache
def dynamodb() -> DynamoDBClient:
    return cast("DynamoDBClient", _make("dynamodb"))


@cache
def kms() -> KMSClient:
    return cast("KMSClient", _make("kms"))


@cache
def ses() -> SESV2Client:
    return cast("SESV2Client", _make("sesv2"))


@cache
def eventbridge() -> EventBridgeClient:
    return cast("EventBridgeClient", _make("events"))


if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # in Lambda, while it starts: before the first request, on a whole processor
    dynamodb()
