"""An owner's emails under siege, on a small scale: tests/engine/test_siege.py has ten thousand requests."""

from __future__ import annotations

import pytest

from local.template import REGION
from tests.attacks.siege import Siege, withstand
from tests.stack import Account, Clock, Stack


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto does not know the endpoint that botocore now picks for them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", f"https://streams.dynamodb.{REGION}.amazonaws.com")


@pytest.mark.usefixtures("streams")
def test_some_strangers(stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes: she signs in on her device, and a link that works comes within a minute of asking."""
    stack.deliver()
    frozen.advance(60)
    withstand(Siege(stack, account, frozen, 200, seconds=120, networks=50), monkeypatch)
