"""One running instance for the clients of this folder, which are skipped where their makers are lacking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.client import free_port, own_instance
from tests.clients.tools import lacking


@pytest.fixture(autouse=True, scope="session")
def _makers() -> None:
    if reason := lacking():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def origin(_makers: None) -> Iterator[str]:
    """As `make run` starts it."""
    with own_instance(AWS_PORT=str(free_port())) as origin:
        yield origin
