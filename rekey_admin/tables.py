"""The tables themselves, with the operator's own credentials: no function can read hashes in bulk, or write any."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import Any, Self, TextIO

from botocore.exceptions import ClientError

from rekey.aws import sdk
from rekey_admin.target import PATIENT, THREADS, TRIES, Target

_THROTTLED = {"TransactionCanceledException", "ThrottlingException", "ProvisionedThroughputExceededException"}
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def open_tables(target: Target) -> str:
    """Have the modules that the flows share, with their clients, work on the target's tables; the ARN of who does."""
    environment = target.environment()
    if "AWS_PROFILE" in environment:  # else these, where they are set, would overrule the profile
        for name in _CREDENTIALS:
            os.environ.pop(name, None)
    os.environ.update(environment)
    sdk.CONFIG = sdk.CONFIG.merge(PATIENT)
    sdk.CONNECT_TIMEOUT, sdk.READ_TIMEOUT = 10, 30
    sdk.dynamodb()  # made before threads begin, who would each make one
    sdk.kms()
    return str(target.session.client("sts", target.region).get_caller_identity()["Arn"])


def patiently(write: Callable[..., None], *given: Any) -> None:
    """Carry out a transaction, tried again while the table throttles it: one on demand grows within minutes."""
    for attempt in range(1, TRIES):
        try:
            return write(*given)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THROTTLED:
                raise
        time.sleep(random.uniform(0, min(30, 2**attempt / 4)))  # noqa: S311 - full jitter, not a secret
    return write(*given)


def create_private(path: Path) -> TextIO:
    """A new text file that its owner alone can read. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8")


class Pool:
    """Threads that work, each piece whole, until all is done or somebody stops it: `stopped` is then set."""

    def __init__(self) -> None:
        self.stopped = Event()
        self._executor = ThreadPoolExecutor(THREADS)
        self._running: set[Future[Any]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """What has begun ends; what has not is dropped where an error, or Ctrl-C, is the reason."""
        if kind:
            self.stopped.set()
        self._executor.shutdown(cancel_futures=kind is not None)

    def begin(self, work: Callable[..., None], *given: Any) -> None:
        """Waits while all threads have enough to do. Raises what an earlier piece of work raised."""
        while len(self._running) >= 2 * THREADS:
            self._wait()
        self._running.add(self._executor.submit(work, *given))

    def finish(self, seconds: float | None = None) -> bool:
        """Wait for what has begun, so long at most: whether some still runs. Raises what it raised."""
        self._wait(seconds, ALL_COMPLETED)
        return bool(self._running)

    def _wait(self, seconds: float | None = None, until: str = FIRST_COMPLETED) -> None:
        done, self._running = wait(self._running, seconds, until)
        for each in done:
            each.result()
