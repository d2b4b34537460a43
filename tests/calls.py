"""What Rekey asks of AWS, call by call: counted, compared and held against the policies of the template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.template import ACCOUNT, REGION
from rekey.aws import sdk

ITEM_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@dataclass(frozen=True)
class Call:
    """One call as the SDK was given it."""

    operation: str
    params: dict[str, Any]

    def grants(self) -> set[tuple[str, str]]:
        """The IAM actions it needs and on what, as the template names it."""
        match self.operation:
            case "TransactWriteItems":
                items = [next(iter(item.items())) for item in self.params["TransactItems"]]
                return {(f"dynamodb:{ITEM_ACTIONS[kind]}", f"arn:{write['TableName']}") for kind, write in items}
            case "BatchGetItem" | "BatchWriteItem":
                return {(f"dynamodb:{self.operation}", f"arn:{table}") for table in self.params["RequestItems"]}
            case "Encrypt" | "Decrypt":
                return {(f"kms:{self.operation}", "arn:TotpKey")}
            case "SendEmail":  # of raw content, which SES authorises as the older call
                used = ("identity/*", f"configuration-set/{self.params['ConfigurationSetName']}")
                return {("ses:SendRawEmail", f"arn:aws:ses:{REGION}:{ACCOUNT}:{resource}") for resource in used}
            case "PutEvents":
                buses = {entry["EventBusName"] for entry in self.params["Entries"]}
                return {("events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}") for bus in buses}
        return {(f"dynamodb:{self.operation}", f"arn:{self.params['TableName']}")}

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
        for client in (sdk.dynamodb(), sdk.kms(), sdk.ses(), sdk.eventbridge())
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
