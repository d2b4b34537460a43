"""What Rekey asks of AWS, call by call: counted and compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rekey.aws import sdk


@dataclass(frozen=True)
class Call:
    """One call as the SDK was given it."""

    operation: str
    params: dict[str, Any]

    def shape(self) -> str:
        """All but the values: the operation, the tables, the names and expressions, and of each value its form."""
        params = {name: value for name, value in self.params.items() if name != "ClientRequestToken"}
        return f"{self.operation} {_form(params)}"


def _form(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _form(item) for name, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_form(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"\b[0-9a-f]{28,32}\b|^\d+$|[^@\s]+@[^@\s]+", "…", value)
    return type(value).__name__


@contextmanager
def watching(operation: str, seen: Callable[[str, dict[str, Any]], None]) -> Iterator[None]:
    """Call `seen` with the name and parameters of every call about to be made (`*` for any operation)."""

    def before(params: dict[str, Any], model: Any, **_: Any) -> None:
        seen(model.name, params)

    watched = {
        f"provide-client-params.{client.meta.service_model.service_id.hyphenize()}.{operation}": client.meta.events
        for client in (sdk.dynamodb(), sdk.kms(), sdk.ses(), sdk.eventbridge(), sdk.sqs(), sdk.tagging())
    }
    for event, hooks in watched.items():
        hooks.register(event, before, unique_id="watching")
    try:
        yield
    finally:
        for event, hooks in watched.items():
            hooks.unregister(event, before, unique_id="watching")


@contextmanager
def recording() -> Iterator[list[Call]]:
    """The calls made in the block, in order."""
    calls: list[Call] = []
    with watching("*", lambda operation, params: calls.append(Call(operation, params))):
        yield calls


@contextmanager
def meanwhile(operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something else once, in the moment before the next such call: what a concurrent request would do."""
    waiting = [act]

    def once(_operation: str, _params: dict[str, Any]) -> None:
        if waiting:
            waiting.pop()()

    with watching(operation, once):
        yield
    assert not waiting, f"no {operation} was made"
