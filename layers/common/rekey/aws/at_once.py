"""Calls of AWS that do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from rekey.aws import sdk

P = ParamSpec("P")
T = TypeVar("T")


def begin(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Begin a call in another thread. Wait for what writes: Lambda freezes threads once the handler returns."""
    sdk.dynamodb()  # made before there are two threads: a session of botocore is not for sharing
    return _pool().submit(call, *args, **kwargs)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor()
