"""Where flows are measured: this process runs the handlers, others are AWS, so its CPU time is the handlers' own."""

from __future__ import annotations

import cProfile
import importlib
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO, TypeVar

import botocore.handlers
from moto.core.models import botocore_stubber

from local import aws
from local.client import free_port
from local.template import ROOT, load_template
from rekey.aws import sdk
from rekey.credentials import passwords
from tests.demo_events import load_event
from tests.engine.dynamodb_local import find_jar
from tests.runtime.ports import wait_for
from tests.stack import PASSWORD, Stack

T = TypeVar("T")
DYNAMODB_LOCAL, MOTO = "DynamoDB Local", "moto"
# One address and one account are asked more often here than their limits would allow.
PARAMETERS = {
    "LinkOrigin": "https://app.example.com",
    "ClientAttemptLimit": "100000",
    "ClientMailLimit": "100000",
    "NoticeLimit": "100",
    "SignUpMailBudget": "100000",
}


@dataclass
class Timing:
    """What one invocation took, in milliseconds. `hashing` is the CPU time of its password hashes, a part of `cpu`."""

    cpu: float = 0
    wall: float = 0
    hashing: float = 0
    hashes: int = 0


class Stage(Stack):
    """The stack, with its tables and keys in other processes, and a stop-watch on each invocation."""

    log: TextIO
    last = Timing()
    profile: cProfile.Profile | None = None  # switched on just for the invocations

    def invoke(self, function: str, event: dict[str, Any], context: Any = None) -> Any:
        handler = importlib.import_module(function).lambda_handler
        with self.profile or nullcontext():
            return self.timed(partial(handler, _as_sent(function, event), context))

    def timed(self, work: Callable[[], T]) -> T:
        """Do it, and leave what it took in `last`."""
        self.last = timing = Timing()
        wall, cpu = time.perf_counter(), time.process_time()
        done = work()
        timing.cpu, timing.wall = _milliseconds(time.process_time() - cpu), _milliseconds(time.perf_counter() - wall)
        return done

    def time_hashes(self) -> None:
        """Take the time of each hash where it is made: measured apart, it would vary by more than the rest takes."""
        for name in ("hash_password", "matches"):
            setattr(passwords, name, self._hashing(getattr(passwords, name)))

    def _hashing(self, hashing: Callable[..., T]) -> Callable[..., T]:
        def timed(*arguments: Any) -> T:
            begun = time.thread_time()
            done = hashing(*arguments)
            self.last.hashing += _milliseconds(time.thread_time() - begun)
            self.last.hashes += 1
            return done

        return timed


def _milliseconds(seconds: float) -> float:
    return seconds * 1000


def _as_sent(function: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event with all that API Gateway adds, as in events/: reading past it is a part of the work."""
    if "routeKey" not in event:
        return event
    full = load_event(function)
    http = full["requestContext"]["http"] | event["requestContext"]["http"]
    context = full["requestContext"] | event["requestContext"] | {"http": http}
    return full | event | {"headers": full["headers"] | event["headers"], "requestContext": context}


@contextmanager
def seeding() -> Iterator[None]:
    """Accounts made in the block share one hash of PASSWORD: to make them must not take longer than to measure."""
    hashing, known = passwords.hash_password, _known_hash()
    passwords.hash_password = lambda password: known  # noqa: ARG005 - called like the real one
    try:
        yield
    finally:
        passwords.hash_password = hashing


_KNOWN: list[str] = []


def _known_hash() -> str:
    if not _KNOWN:
        _KNOWN.append(passwords.hash_password(PASSWORD))
    return _KNOWN[0]


@contextmanager
def staged(endpoint: str | None, log: TextIO) -> Iterator[Stage]:
    """The stack against moto, its tables at the endpoint if there is one. What the handlers log goes to `log`."""
    if ("before-send", botocore_stubber) in botocore.handlers.BUILTIN_HANDLERS:  # no part of what is deployed
        botocore.handlers.BUILTIN_HANDLERS.remove(("before-send", botocore_stubber))
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"):
        os.environ.pop(name, None)
    if endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
    sdk.READ_TIMEOUT = 30  # a call tried again would be measured twice, and moto would carry it out twice
    with moto_process() as port, redirect_stdout(log):
        aws.point_at(port)
        template = load_template(PARAMETERS)
        aws.create_resources(template)
        os.environ |= template.environment()
        stage = Stage(template)
        stage.log = log
        stage.time_hashes()
        yield stage


@contextmanager
def moto_process() -> Iterator[int]:
    """moto as an HTTP endpoint, in a process of its own; its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.stage"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        yield int(process.stdout.readline())
        process.stdin.close()  # it ends with its input, so that none is left behind


def serve_moto() -> None:
    server = aws.make_server()
    server.start()
    print(server.port, flush=True)
    sys.stdin.read()
    server.stop()


@contextmanager
def engine(folder: Path | None = None) -> Iterator[str]:
    """DynamoDB Local, its tables in memory or in a folder; its endpoint."""
    jar = find_jar()
    assert jar
    port = free_port()
    kept = ["-dbPath", str(folder)] if folder else ["-inMemory"]
    library = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    command = ["java", "-Xmx1g", library, "-jar", str(jar), "-sharedDb", "-disableTelemetry", "-port", str(port), *kept]
    with subprocess.Popen(command, cwd=jar.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def apart(measuring: Callable[..., T], *arguments: Any) -> T:
    """Measure in a process of its own: clients, settings and modules are fresh, as in an execution environment."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measuring, *arguments).result()


if __name__ == "__main__":
    serve_moto()
