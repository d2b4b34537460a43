"""An owner's emails under siege, on Amazon's engine: 10,000 requests that aim at her, while SES is short of room."""

from __future__ import annotations

import pytest

from tests.attacks.siege import Siege, withstand
from tests.stack import Account, Clock, Stack

pytestmark = pytest.mark.engine


def test_ten_thousand_strangers(
    engine_stack: Stack, engine_account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten minutes of requests from 100 networks and her own, SES refusing every second email. Whenever she asks, by her
    phone, a link is in her inbox within a minute. The newest works at every second, and the last sets her password.
    """
    frozen.advance(60)
    withstand(Siege(engine_stack, engine_account, frozen, 10_000, seconds=600, networks=100), monkeypatch)
