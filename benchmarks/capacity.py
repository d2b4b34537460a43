"""Capacity that calls consume: as DynamoDB Local reports it, and as DynamoDB bills it.

They differ for transactions: DynamoDB rounds each row of one up to whole kilobytes and counts it double, while
DynamoDB Local adds the rows of a table together first. So here the rows are read before and after, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from rekey.aws import sdk

_READS = {"GetItem", "BatchGetItem", "Query", "Scan"}
_KILOBYTE = 1024
Item = dict[str, Any]


@dataclass
class Units:
    """Request units."""

    read: float = 0
    written: float = 0
    written_as_reported: float = 0


# A write that its condition refuses reports nothing, and costs what it would have: a unit, of a row of up to 1 KB.
_REFUSED = {"CapacityUnits": 1.0}


@contextmanager
def consumed() -> Iterator[Units]:
    """What the calls in the block consume. Its hooks send more and read more: time it apart."""
    units = Units()
    before: list[int] = []

    def ask(params: Item, model: Any, **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        if model.name == "TransactWriteItems":
            before[:] = map(_size_now, params["TransactItems"])
            waiting[:] = params["TransactItems"]

    waiting: list[Item] = []

    def note(parsed: Item, model: Any, **_: Any) -> None:
        reported = _REFUSED if "Error" in parsed else parsed["ConsumedCapacity"]
        count = sum(each["CapacityUnits"] for each in (reported if isinstance(reported, list) else [reported]))
        if model.name in _READS:
            units.read += count
            return
        units.written_as_reported += count
        if model.name == "TransactWriteItems":
            count = of_transaction([max(pair) for pair in zip(before, map(_size_now, waiting), strict=True)])
        units.written += count

    hooks: dict[str, Any] = {"provide-client-params.dynamodb.*": ask, "after-call.dynamodb.*": note}
    events = sdk.dynamodb().meta.events
    for name, hook in hooks.items():
        events.register(name, hook, unique_id=name)
    try:
        yield units
    finally:
        for name, hook in hooks.items():
            events.unregister(name, hook, unique_id=name)


def of_transaction(sizes: list[int]) -> int:
    """Request units of a transaction's writes, by the bytes of each row: the larger of what it was and what it is."""
    return sum(2 * max(1, math.ceil(size / _KILOBYTE)) for size in sizes)


def _size_now(write: Item) -> int:
    """Bytes of the row that a write is about; 0 where there is none."""
    ((kind, request),) = write.items()
    key = {name: request["Item"][name] for name in ("pk", "sk")} if kind == "Put" else request["Key"]
    found = boto3.client("dynamodb").get_item(TableName=request["TableName"], Key=key, ConsistentRead=True)
    return size(found.get("Item", {}))


def size(item: Item) -> int:
    """DynamoDB counts the names with the values."""
    return sum(len(name) + _size_of(value) for name, value in item.items())


def _size_of(value: Item) -> int:
    """Of an attribute as it is sent: `{"S": "text"}`."""
    ((kind, content),) = value.items()
    if kind in {"SS", "BS"}:
        return sum(map(len, content))
    return len(content) // 2 + 1 if kind == "N" else len(content) if kind in {"S", "B"} else 1
