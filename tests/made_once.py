"""What the SDK and moto would make anew for each test, though it is always the same: made once a process instead."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import botocore.endpoint
import botocore.session
import botocore.utils
import moto.core.models
import pytest
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser

_make_client: Any = boto3.client
_make_class: Any = vars(ClientCreator)["_create_client_class"]
_make_name: Any = vars(EventAliaser)["_alias_event_name"]
_clients: dict[object, Any] = {}
_classes: dict[str, type] = {}
_names: dict[str, str] = {}


@contextmanager
def made_once() -> Iterator[None]:
    """Of each service its description, the class of its clients, and the tests' own client: Rekey's are each test's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        patched.setattr(ClientCreator, "_create_client_class", _client_class)
        patched.setattr(EventAliaser, "_alias_event_name", _alias)
        patched.setattr(boto3, "client", _client)
        for module in (botocore.endpoint, botocore.utils):  # each looks through the environment, and nothing goes out
            patched.setattr(module, "get_environ_proxies", lambda _url: {})
        patched.setattr(
            moto.core.models, "RESPONSES_METHODS", []
        )  # 2,000 patterns for `requests`, used by nothing here
        yield


def _client_class(creator: ClientCreator, service: str, model: Any) -> type:
    if service not in _classes:
        _classes[service] = _make_class(creator, service, model)
    return _classes[service]


def _alias(hooks: EventAliaser, event: str) -> str:
    if event not in _names:
        _names[event] = _make_name(hooks, event)
    return _names[event]


def _client(service: str, **options: Any) -> Any:
    """By what it is made of: options, and the environment's endpoints and credentials."""
    key = (service, *options.items(), *sorted(item for item in os.environ.items() if item[0].startswith("AWS_")))
    if key not in _clients:
        _clients[key] = _make_client(service, **options)
    return _clients[key]
