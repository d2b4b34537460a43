"""The keys that sign for applications, as an operator turns them with `rekey-admin rotate-signing-key`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rekey.oauth import key_turns
from rekey.settings import settings
from tests.admin.conftest import Admin
from tests.stack import Clock

COMMAND = "rotate-signing-key"
WHY = ("--reason", "Ticket 4711", "--yes", "--local")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, frozen: Clock) -> None:
    """The client signs with the machine's time, and the stack's clock stands still at another: let it be that one."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(frozen.now, UTC))


def test_a_turn(admin: Admin, frozen: Clock) -> None:
    """What is shown says which key signs, and from when the next one does."""
    turned = admin(COMMAND, *WHY)
    assert turned.status == 0, turned.err

    shown = admin(COMMAND, "--list", "--local", "--json").json["signing_keys"]
    assert [key["state"] for key in shown] == ["current", "next"]
    assert all(key["kid"] in turned.out for key in shown)
    assert shown[1]["signs_from"] == f"{datetime.fromtimestamp(frozen.now + key_turns.LEAD, UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_too_early(admin: Admin) -> None:
    """It is refused, and told how long it will be."""
    admin(COMMAND, *WHY)
    again = admin(COMMAND, *WHY)

    assert again.status == 1
    assert "signing_keys_turning" in again.err
    assert f"{key_turns.LEAD + key_turns.TAIL} seconds" in " ".join(again.err.split())


def test_a_leak(admin: Admin) -> None:
    old = settings().signing_key
    told = admin(COMMAND, "--leaked", old, *WHY, "--json").json["signing_keys"]

    assert [key["state"] for key in told if key["kid"] == old] == ["ended"]
    assert [key["state"] for key in told if key["kid"] != old] == ["current"]
    assert admin(COMMAND, "--leaked", "another", *WHY).status == 1


def test_what_it_asks_for(admin: Admin) -> None:
    """To turn keys is confirmed; to look and to act at once is not meant."""
    assert admin(COMMAND, "--reason", "Ticket 4711", "--local").status == 2
    assert admin(COMMAND, "--list", "--leaked", "x", "--local").status == 2
    assert len(admin(COMMAND, "--list", "--local", "--json").json["signing_keys"]) == 1
