"""One running instance for the tests of this folder."""

from __future__ import annotations

import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import boto3
import pytest

from local.client import Client, free_port, own_instance
from local.template import REGION

PASSWORD = "Correct-Horse-9"
PATIENCE = 60  # seconds that anything may take, on a busy machine
Found = TypeVar("Found")


@dataclass
class Running:
    """An instance, and the port of its embedded AWS."""

    client: Client
    port: int
    aws_port: int

    def aws(self, service: Literal["sesv2", "sqs", "dynamodb"]) -> Any:
        """A client of the embedded AWS."""
        session = boto3.Session("testing", "testing", region_name=REGION)
        return session.client(service, endpoint_url=f"http://127.0.0.1:{self.aws_port}")

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def mail_to(self, email: str, subject: str = "") -> dict[str, Any]:
        """The newest mail to an address, as soon as it is there."""
        return wait_for(
            lambda: [mail for mail in self.client.inbox() if mail["to"] == email and subject in mail["subject"]]
        )[0]

    def token_to(self, email: str, subject: str = "") -> str:
        return str(self.mail_to(email, subject)["links"][0].partition("#token=")[2])

    def sign_up(self) -> tuple[str, str]:
        """Somebody new: the address and an access token."""
        email = f"{secrets.token_hex(4)}@example.com"
        self.client.call("POST /sign-up", {"email": email})
        body = {"token": self.token_to(email), "password": PASSWORD}
        return email, self.client.call("POST /sign-up/complete", body).json["access_token"]


def wait_for(look: Callable[[], Found]) -> Found:
    """What is found, as soon as there is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


def running(**environment: str) -> Iterator[Running]:
    """An instance of its own, as long as it is needed."""
    aws_port = free_port()
    with own_instance(AWS_PORT=str(aws_port), **environment) as base_url:
        yield Running(Client(base_url), int(base_url.rpartition(":")[2]), aws_port)


_ends = ExitStack()
_running: list[Running] = []


def _share() -> Running:
    if not _running:
        _running.append(_ends.enter_context(contextmanager(running)()))
        _ends.callback(_running.clear)
    return _running[0]


@pytest.fixture(scope="session")
def shared_instance() -> Iterator[Callable[[], Running]]:
    """As `make run` starts it: one for the tests that follow each other here, or in tests/browser."""
    with _ends:
        yield _share


@pytest.fixture
def instance(shared_instance: Callable[[], Running]) -> Running:
    return shared_instance()


@pytest.hookimpl(trylast=True)  # when the test's own fixtures are done with it
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Nobody asks it while other folders are tested: it would poll its queues all that time, for a tenth of a core."""
    if not nextitem or nextitem.path.parent.name not in {"local", "browser"}:
        _ends.close()


@pytest.fixture
def nist() -> Iterator[Running]:
    """One with parameters, in quotes too."""
    yield from running(PARAMETERS="PasswordRule=nist Issuer='Sales Connect'")
