"""The functions of the template, in this process: imported once, invoked with a context as Lambda's."""

from __future__ import annotations

import importlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.template import ACCOUNT, REGION, Template
from rekey.aws import sdk

Invoke = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True)
class Context:
    """What a handler may ask of Lambda."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    stopping: threading.Event

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """None once the instance stops, so that a long run ends in good time."""
        return 0 if self.stopping.is_set() else max(0, int((self.deadline - time.monotonic()) * 1000))


class Lambdas:
    """Make it once the environment is set: settings and clients are read from it."""

    def __init__(self, template: Template, stopping: threading.Event) -> None:
        self.properties = template.functions()
        self._stopping = stopping
        self._handlers = {}
        for name, properties in self.properties.items():
            module, _, handler = properties["Handler"].partition(".")
            self._handlers[name] = getattr(importlib.import_module(module), handler)
        # boto3's default session is not made for threads: the clients are there before the first of them.
        for make_client in (sdk.dynamodb, sdk.kms, sdk.tagging, sdk.ses, sdk.eventbridge, sdk.sqs):
            make_client()

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        properties = self.properties[name]
        deadline = time.monotonic() + properties["Timeout"]
        context = Context(name, properties["MemorySize"], str(uuid.uuid4()), deadline, self._stopping)
        return self._handlers[name](event, context)
