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
from local.server import Sent, Server
from rekey import observability
from rekey.aws import sdk
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


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The outputs of a stack `rekey`, told as CloudFormation's Query API does (moto's needs half of AWS installed)."""
    outputs: dict[str, str] = {}
    server = Server("127.0.0.1", 0)
    server.answering = lambda _: Sent(200, [("Content-Type", "text/xml")], _stacks(outputs))
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", f"http://127.0.0.1:{server.port}")
    yield outputs
    server.stop()


def _stacks(outputs: dict[str, str]) -> bytes:
    told = "".join(
        f"<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>"
        for name, value in outputs.items()
    )
    return (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>rekey</StackName>"
        "<StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-22T00:00:00Z</CreationTime>"
        f"<Outputs>{told}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    ).encode()


@pytest.fixture
def deployed(stack: Stack, cloudformation: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack, with what `--stack rekey` looks for: its outputs."""
    outputs = stack.template.document["Outputs"]
    cloudformation |= {
        "ApiUrl": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
        **{
            name: str(stack.template.resolve(outputs[name]["Value"]))
            for name in ("AccountsTableName", "EventsTableName", "TokensTableName", "TotpKeyId", "EventLife")
        },
    }
    for name in ("CONFIG", "CONNECT_TIMEOUT", "READ_TIMEOUT"):  # the command sets its own
        monkeypatch.setattr(sdk, name, getattr(sdk, name))
    return stack


@pytest.fixture
def operator(deployed: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Admin:  # noqa: ARG001
    """Who calls `rekey-admin --stack rekey` with credentials of AWS."""
    return Admin(capsys, monkeypatch)
