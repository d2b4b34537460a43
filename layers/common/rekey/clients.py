"""AWS clients: made when first used, once an environment, and only those a function uses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_sesv2 import SESV2Client

# A function has 10 s: three tries of 1 s to connect and 2 s to answer end before that, so a fault is a 503, not a cut.
CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})


@cache
def dynamodb() -> DynamoDBClient:
    return boto3.client("dynamodb", config=CONFIG)


@cache
def kms() -> KMSClient:
    return boto3.client("kms", config=CONFIG)


@cache
def ses() -> SESV2Client:
    return boto3.client("sesv2", config=CONFIG)


@cache
def eventbridge() -> EventBridgeClient:
    return boto3.client("events", config=CONFIG)
