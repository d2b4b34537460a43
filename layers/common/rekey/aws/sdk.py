"""AWS clients: made once an environment, and only those a function uses.

Of botocore, which boto3 is a shell around: boto3's own imports are a tenth of a cold start, for S3 and resources that
nothing here uses (docs/decisions/0009).
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

from rekey.aws.transport import Transport

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

# A function has 10 s: three tries of 1 s to connect and 2 s to answer end before, so a fault is a 503, not a cut.
CONNECT_TIMEOUT, READ_TIMEOUT = 1, 2

CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
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
def _session() -> Session:
    """botocore's, with those of its hooks that are for all services.

    To register the others, S3's and the documentation's for the most part, is a third of what a client takes to make.
    """
    session = Session(include_builtin_handlers=False)
    for event, handler, *_order in BUILTIN_HANDLERS:
        if "." not in event:
            session.register(event, handler)
    return session


@cache
def _transport() -> Transport:
    return Transport(CONNECT_TIMEOUT, READ_TIMEOUT)


def _make(service: str) -> Any:
    client: Any = _session().create_client(service, config=CONFIG)
    client._endpoint.http_session = _transport()  # noqa: SLF001 - botocore has no public place for it, and is pinned
    return client


@cache
def dynamodb() -> DynamoDBClient:
    return cast("DynamoDBClient", _make("dynamodb"))


@cache
def kms() -> KMSClient:
    return cast("KMSClient", _make("kms"))


@cache
def tagging() -> ResourceGroupsTaggingAPIClient:
    return cast("ResourceGroupsTaggingAPIClient", _make("resourcegroupstaggingapi"))


@cache
def ses() -> SESV2Client:
    return cast("SESV2Client", _make("sesv2"))


@cache
def sqs() -> SQSClient:
    return cast("SQSClient", _make("sqs"))


@cache
def eventbridge() -> EventBridgeClient:
    return cast("EventBridgeClient", _make("events"))


if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # in Lambda, while it starts: before the first request, on a whole processor
    dynamodb()
