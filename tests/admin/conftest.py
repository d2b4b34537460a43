"""`rekey-admin` in this process, against the gateway of one's own machine, against the stack on moto."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local import aws
from local.gateway import Gateway
from local.lambdas import Lambdas
from local.pages import LocalPages
from local.server import Server
from rekey import observability
from rekey_admin.main import main
from tests.stack import Stack


@dataclass
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Admin:
    """An operator at a terminal that is none, so nothing can be asked, unless `answers` says what is typed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._patch = monkeypatch

    def __call__(self, *arguments: str, answers: list[str] | None = None) -> Done:
        self._capsys.readouterr()
        if answers is not None:
            typed = iter(answers)
            self._patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
            self._patch.setattr("builtins.input", lambda *_: next(typed))
        try:
            status = main([*arguments])
        except SystemExit as ended:  # argparse's own
            status = int(ended.code or 0)
        return Done(status, *self._capsys.readouterr())


@pytest.fixture
def _quiet_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the functions and the gateway print would stand amid the command's own: they are in one process here."""
    monkeypatch.setattr(observability.logger().registered_handler, "stream", io.StringIO())
    monkeypatch.setattr(observability, "count_outcome", lambda *_: None)
    monkeypatch.setattr("local.gateway.print", lambda *_, **__: None, raising=False)


@pytest.fixture
def gateway(_quiet_functions: None, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The stack behind the local gateway; signatures are judged by the stack's clock."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # what outputs.json tells; nobody calls it here
    outputs = aws.outputs(stack.template)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    server = Server("127.0.0.1", 0)
    monkeypatch.setenv("PORT", str(server.port))
    origin = f"http://localhost:{server.port}"
    pages = LocalPages(origin, {**outputs, "ApiUrl": origin})
    server.answering = Gateway(stack.template, Lambdas(stack.template, threading.Event()), pages.answer).answer
    server.start()
    yield server
    server.stop()


@pytest.fixture
def admin(
    gateway: Server,  # noqa: ARG001 - it must be there
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Admin:
    return Admin(capsys, monkeypatch)
