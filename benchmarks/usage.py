"""What an invocation uses of AWS: calls, capacity, bytes, log, CPU, rows written."""

from __future__ import annotations

import json
import socket
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest import mock

from benchmarks.bill import Stored, Usage
from benchmarks.capacity import consumed, size
from benchmarks.flows import Attempt, has_succeeded
from benchmarks.stage import Stage, seeding
from rekey import clock
from tests.calls import Call, recording
from tests.demo_events import load_event

RUNS = 10  # of which the medians are taken
Preparing = Callable[[Stage], Attempt]


def of_flow(stack: Stage, prepare: Preparing) -> tuple[Usage, list[Usage]]:
    """What the flow uses, and what notify, and mailer where an email is owed, use for each event the flow wrote."""
    usage, written = of_one(stack, prepare)
    then = []
    for item in written:
        if item["sk"]["S"].startswith("event#"):
            then.append(of_one(stack, partial(_delivery, item=item))[0])
            if "SendMessageBatch" in then[-1].calls:
                then.append(of_one(stack, partial(_sending, item=item))[0])
    return usage, then


def _delivery(stack: Stage, item: dict[str, Any]) -> Attempt:
    event = load_event("notify")
    event["Records"][0]["dynamodb"]["NewImage"] = item
    return partial(stack.invoke, "notify", event)


def _sending(stack: Stage, item: dict[str, Any]) -> Attempt:
    event = load_event("mailer")
    event["Records"][0]["body"] = json.dumps({name: item[name]["S"] for name in ("pk", "sk")})
    return partial(stack.invoke, "mailer", event)


def of_one(stack: Stage, prepare: Preparing) -> tuple[Usage, list[dict[str, Any]]]:
    """The usage, and the items put. Capacity is asked for once, apart: to ask for it is to send more."""
    usage = Usage()
    with seeding():
        attempt = prepare(stack)
    with recording() as calls, consumed() as units:
        answer = attempt()
    assert has_succeeded(answer), f"{prepare}: {answer}"
    usage.read_units, usage.write_units, usage.write_units_reported = vars(units).values()
    usage.calls = dict(Counter(call.operation for call in calls))
    items = [item for call in calls for item in _items_put(call)]
    usage.stored = [_stored(item) for item in items]
    _measure(stack, prepare, usage)
    return usage, items


def _measure(stack: Stage, prepare: Preparing, usage: Usage) -> None:
    """Medians of what varies a little."""
    taken = []
    for _ in range(RUNS):
        with seeding():
            attempt = prepare(stack)
        logged = stack.log.tell()
        with _bytes() as moved:
            answer = attempt()
        assert has_succeeded(answer), f"{prepare}: {answer}"
        taken.append((*moved.values(), stack.log.tell() - logged, stack.last.cpu, stack.last.hashing, stack.last.wall))
    medians = map(statistics.median, zip(*taken, strict=True))
    usage.sent, usage.received, usage.logged, usage.cpu, usage.hashing, usage.wall = medians


@contextmanager
def _bytes() -> Iterator[Counter[str]]:
    """Bytes sent and received in the block, as they pass the sockets (TLS would add some)."""
    moved = Counter({"sent": 0, "received": 0})
    sendall, recv_into = socket.socket.sendall, socket.socket.recv_into

    def sending(self: socket.socket, data: Any, *flags: int) -> None:
        moved["sent"] += len(data)
        sendall(self, data, *flags)

    def receiving(self: socket.socket, buffer: Any, *rest: int) -> int:
        count = recv_into(self, buffer, *rest)
        moved["received"] += count
        return count

    with mock.patch.object(socket.socket, "sendall", sending), mock.patch.object(socket.socket, "recv_into", receiving):
        yield moved


def _items_put(call: Call) -> list[dict[str, Any]]:
    if call.operation == "PutItem":
        return [call.params["Item"]]
    return [write["Put"]["Item"] for write in call.params.get("TransactItems", ()) if "Put" in write]


def _stored(item: dict[str, Any]) -> Stored:
    """DynamoDB's index adds 100 bytes a row."""
    expires_at = item.get("expires_at")
    life = int(expires_at["N"]) - clock.now() if expires_at else None
    return Stored(100 + size(item), life)
