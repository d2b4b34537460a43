"""One running instance for the clients of this folder, which are skipped where their makers are lacking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.client import free_port
from tests.clients.applications import Rekey
from tests.clients.tools import lacking
from tests.local.conftest import Running, running


@pytest.fixture(autouse=True, scope="session")
def _makers() -> None:
    if reason := lacking():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def page_port() -> int:
    """The port of a page that calls Rekey from a browser."""
    return free_port()


@pytest.fixture(scope="session")
def instance(_makers: None, page_port: int) -> Iterator[Running]:
    """As `make run` starts it, but for the origin of that page."""
    yield from running(PARAMETERS=f"CorsOrigins=http://localhost:{page_port}")


@pytest.fixture(scope="session")
def origin(instance: Running) -> str:
    return instance.client.base_url


@pytest.fixture(scope="session")
def rekey(instance: Running) -> Rekey:
    """With somebody who is signed in."""
    return Rekey(instance, *instance.sign_up())
