"""The one clock: all code asks here, so a test can hold time still."""

import time
from datetime import UTC, datetime


def now() -> int:
    """Seconds since the epoch, whole, as DynamoDB's TTL counts them."""
    return int(time.time())


def iso(timestamp: int) -> str:
    """ISO 8601 in UTC, as every time on the wire is written."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
