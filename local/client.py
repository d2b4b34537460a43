"""A client of a running instance, as small as one can be; and an instance of one's own for it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from local.template import ROOT

START_WAIT = 60  # seconds, on a busy machine
# Instances are on this machine, whatever proxy it has.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UnreachableError(Exception):
    """Nobody answers."""


@dataclass(frozen=True)
class Answer:
    """What came back. `json` is empty where there was no body."""

    status: int
    headers: dict[str, str]
    json: Any = field(default_factory=dict)


class Client:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")

    def call(self, key: str, body: Any = None, *, bearer: str = "", headers: dict[str, str] | None = None) -> Answer:
        """`POST /forgot` with a JSON body. Raises UnreachableError."""
        method, _, path = key.partition(" ")
        sent = {"Content-Type": "application/json", "User-Agent": "Rekey demo", **(headers or {})}
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base_url + path, data, sent, method=method)
        try:
            with _open(request) as answer:
                text = answer.read()
                return Answer(answer.status, dict(answer.headers), json.loads(text) if text else {})
        except (OSError, ValueError) as error:
            raise UnreachableError(f"{self.base_url}: {error}") from None

    def inbox(self) -> list[dict[str, Any]]:
        """The mails, newest first."""
        mails: list[dict[str, Any]] = self.call("GET /_local/inbox.json").json
        return mails

    def answers(self) -> bool:
        """Whether an instance runs there: others use that port, too."""
        try:
            return isinstance(self.inbox(), list)
        except UnreachableError:
            return False


def _open(request: urllib.request.Request) -> Any:
    try:
        return _opener.open(request, timeout=START_WAIT)
    except urllib.error.HTTPError as refusal:
        return refusal


@contextlib.contextmanager
def own_instance(**environment: str) -> Iterator[str]:
    """An instance on a free port, as long as it is needed: its origin. Raises UnreachableError."""
    port = free_port()
    process = start_instance(PORT=str(port), **environment)
    base_url = f"http://localhost:{port}"
    try:
        _wait_for(base_url, process)
        yield base_url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_WAIT)


def start_instance(**environment: str) -> subprocess.Popen[str]:
    """`make run` without make. What it prints is left aside but for its errors."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/common", "."))
    return subprocess.Popen(
        [sys.executable, "-m", "local.run"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **environment},
        stdout=subprocess.DEVNULL,
        text=True,
    )


def _wait_for(base_url: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_WAIT
    while time.monotonic() < deadline and process.poll() is None:
        if Client(base_url).answers():
            return
        time.sleep(0.1)
    raise UnreachableError("an instance of its own did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
