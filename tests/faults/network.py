"""Faults between the SDK and AWS, below the SDK's own retries: what they meet is what a network can do."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

# A fault is seen once, or from then on; a crash ends the process there and then.
THROTTLED, CONFLICT, UNPROCESSED, UNREACHED, LOST = "throttled", "conflict", "unprocessed", "unreached", "lost"
CRASH_BEFORE, CRASH_AFTER = "crash-before", "crash-after"
_WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"}


def kinds(call: str) -> list[str]:
    """The faults that a call can meet without an end to the process."""
    operation = call.partition(".")[0]
    possible = [THROTTLED, UNREACHED, LOST]
    if operation in _WRITES:
        possible.append(CONFLICT)
    if operation == "BatchGetItem":
        possible.append(UNPROCESSED)
    return possible


@dataclass
class Network:
    """Every call made, by name: `BatchGetItem`, `UpdateItem.tokens`; the second of a name is `Query.accounts#2`."""

    target: str = ""
    kind: str = ""
    lasting: bool = False
    calls: list[str] = field(default_factory=list)
    struck: int = 0

    def carry(self, endpoint: Endpoint, request: Any, model: Any, context: Any) -> Any:
        """One sending of one call: through, or not."""
        name = _name(model.name, request.body)
        if context["retries"]["attempt"] == 1:
            self.calls.append(name if name not in self.calls else f"{name}#{self._count(name) + 1}")
        if not self._strikes(name):
            return _carry(endpoint, request, model, context)
        self.struck += 1
        if self.kind in {LOST, CRASH_AFTER}:
            _carry(endpoint, request, model, context)
        return _fault(self.kind, model.name, request)

    def _count(self, name: str) -> int:
        return sum(call.partition("#")[0] == name for call in self.calls)

    def _strikes(self, name: str) -> bool:
        if self.target not in self.calls or name != self.target.partition("#")[0]:
            return False
        return self.lasting or not self.struck


_carry: Any = vars(Endpoint)["_do_get_response"]  # private, but the one place under moto and a real engine alike


def _name(operation: str, body: Any) -> str:
    table = json.loads(body).get("TableName", "") if operation.endswith(("Item", "Query", "Scan")) else ""
    return f"{operation}.{re.findall('[A-Z][a-z]+', table)[-2].lower()}" if table else operation


def _fault(kind: str, operation: str, request: Any) -> Any:
    """What the SDK sees: an answer and no exception, or the reverse."""
    match kind:
        case "throttled":
            return _refusal("ThrottlingException"), None
        case "conflict" if operation == "TransactWriteItems":
            return _refusal("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}]), None
        case "conflict":
            return _refusal("TransactionConflictException"), None
        case "unprocessed":
            answer = {"Responses": {}, "UnprocessedKeys": json.loads(request.body)["RequestItems"]}
            return _response(200, answer), None
        case "unreached":
            return None, ConnectTimeoutError(endpoint_url=request.url)
        case "lost":
            return None, ReadTimeoutError(endpoint_url=request.url)
    raise SystemExit(kind)


def _refusal(code: str, **more: Any) -> Any:
    return _response(400, {"Error": {"Code": code, "Message": "a fault of the tests"}, **more})


def _response(status: int, parsed: dict[str, Any]) -> Any:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}}
    return SimpleNamespace(status_code=status, headers={}, content=b""), {**parsed, "ResponseMetadata": metadata}


@contextmanager
def network(target: str = "", kind: str = "", *, lasting: bool = False) -> Iterator[Network]:
    """The network with a fault at a call, and nobody waiting for real between two tries."""
    between = Network(target, kind, lasting)
    with pytest.MonkeyPatch.context() as patched:

        def carry(*sent: Any) -> Any:  # a function, for the endpoint to bind itself to
            return between.carry(*sent)

        patched.setattr(Endpoint, "_do_get_response", carry)
        patched.setattr(time, "sleep", lambda _: None)
        yield between
