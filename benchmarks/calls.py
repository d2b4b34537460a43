"""What one call of DynamoDB costs in CPU: as boto3's client comes, with our settings, and with our transport too.

`python -m benchmarks.calls`. The three take turns against DynamoDB Local, which runs in another process.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from benchmarks import stage
from rekey import clock
from rekey.accounts import keys
from rekey.aws import sdk
from rekey.aws.store import to_item
from rekey.settings import settings
from tests import seeds
from tests.engine.dynamodb_local import lacking

ROUNDS, CALLS = 12, 25
KINDS = ("as it comes", "our settings", "our transport")


def measure() -> dict[str, Any]:
    """By operation and kind of client: the median round's milliseconds of CPU a call."""
    if reason := lacking():
        return {"lacking": reason}
    with stage.engine() as endpoint:
        measured: dict[str, Any] = stage.apart(measure_at, endpoint)
    return measured


def measure_at(endpoint: str) -> dict[str, Any]:
    taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with Path(os.devnull).open("w") as log, stage.staged(endpoint, log):
        with stage.seeding():
            key = to_item(keys.account(seeds.new_account()["account_id"]))
        made = [boto3.client("dynamodb"), boto3.client("dynamodb", config=sdk.CONFIG), sdk.dynamodb()]
        for number in range(ROUNDS + 1):  # the first is the warm-up
            for kind, client in zip(KINDS, made, strict=True):
                for operation, call in _calls(client, key).items():
                    milliseconds = _cpu(call)
                    if number:
                        taken[operation][kind].append(milliseconds)
    return {
        operation: {kind: statistics.median(its) for kind, its in kinds.items()} for operation, kinds in taken.items()
    }


def _calls(client: Any, key: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """A read, a conditional write, and a transaction of two, as the flows make them."""
    accounts, tokens = settings().accounts_table, settings().tokens_table
    update = {"UpdateExpression": "SET seen = :now", "ExpressionAttributeValues": to_item({":now": clock.now()})}
    write = {"TableName": accounts, "Key": key, "ConditionExpression": "attribute_exists(pk)", **update}
    put = {"TableName": tokens, "Item": to_item({"pk": "bench", "sk": "bench", "expires_at": clock.now()})}
    return {
        "GetItem": lambda: client.get_item(TableName=accounts, Key=key, ConsistentRead=True),
        "UpdateItem": lambda: client.update_item(**write, ReturnValues="ALL_NEW"),
        "TransactWriteItems": lambda: client.transact_write_items(TransactItems=[{"Update": write}, {"Put": put}]),
    }


def _cpu(call: Callable[[], object]) -> float:
    begun = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - begun) / CALLS * 1000


def tables(measured: dict[str, Any]) -> str:
    if "lacking" in measured:
        return str(measured["lacking"])
    lines = [f"{'CPU ms a call (x as it comes)':30}" + "".join(f"{kind:>22}" for kind in KINDS)]
    for operation, kinds in measured.items():
        cells = (f"{kinds[kind]:.2f} ({kinds[kind] / kinds[KINDS[0]]:.2f})" for kind in KINDS)
        lines.append(f"{operation:30}" + "".join(f"{cell:>22}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables(measure()))
