"""The same change to many accounts with `rekey-admin`, from the command line to the tables."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from rekey_admin import api
from tests.admin.conftest import Admin
from tests.stack import Account, Clock, Stack

WHY = ("--reason", "Ticket 4711")
OTHER = "bob@example.com"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, frozen: Clock) -> None:
    """The client signs with the machine's time, and the stack's clock stands still at another: let it be that one."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(frozen.now, UTC))


@pytest.fixture
def both(stack: Stack, account: Account) -> list[Account]:
    return [account, stack.sign_up(OTHER)]


def test_every_one_of_them_is_changed(admin: Admin, stack: Stack, both: list[Account]) -> None:
    """Addresses and ids on one line: each account is signed out, and its event names admin and reason."""
    done = admin("--local", "--yes", "force-sign-in", both[0].email, both[1].account_id, *WHY)

    assert (done.status, done.out) == (0, "Signed out everywhere: 2 of 2 accounts.\n")
    for each in both:
        assert not stack.is_signed_in(each.access_token)
        newest = admin("--local", "--json", "find", each.email).json["events"][0]
        assert (newest["type"], newest["reason"]) == ("sessions.revoked", "Ticket 4711")


def test_from_a_file_and_from_standard_input(
    admin: Admin, stack: Stack, both: list[Account], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line each, empty ones and repeats left out; `-` is standard input."""
    listed = tmp_path / "accounts"
    listed.write_text(f"{both[0].email}\n\n  {both[0].email}\r\n")
    done = admin("--local", "--yes", "--json", "disable", "--from", str(listed), *WHY)
    assert done.json == {"done": "disable", "reason": "Ticket 4711", "accounts": 1, "refused": []}

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{OTHER}\n"))
    assert admin("--local", "--yes", "disable", "--from", "-", *WHY).status == 0
    assert [stack.is_signed_in(each.access_token) for each in both] == [False, False]


def test_one_refusal_does_not_stop_the_others(admin: Admin, stack: Stack, both: list[Account]) -> None:
    """Who is refused is named with the reason at the end, and the status is 1; the others are changed."""
    named = ("nobody@example.com", both[0].email, "no address", OTHER)
    done = admin("--local", "--yes", "--json", "force-sign-in", *named, *WHY)

    assert (done.status, done.json["accounts"]) == (1, 2)
    assert [(each["account"], each["code"]) for each in done.json["refused"]] == [
        ("nobody@example.com", "account_not_found"),
        ("no address", "validation_failed"),
    ]
    assert [f"{each['account']}: {each['told']}" for each in done.json["refused"]] == done.err.splitlines()[:2]
    assert "2 of 4 accounts were refused" in done.err
    assert not stack.is_signed_in(both[1].access_token)


def test_asked_once_for_all(admin: Admin, stack: Stack, both: list[Account]) -> None:
    """One question says how many; a no leaves all of them as they are."""
    names = [each.email for each in both]
    refused = admin("--local", "force-sign-in", *names, answers=["n"])
    assert (refused.status, stack.is_signed_in(both[0].access_token)) == (1, True)
    assert "Sign 2 accounts out everywhere?" in refused.err

    assert admin("--local", "force-sign-in", *names, answers=["y", "Ticket 4711"]).status == 0
    assert not any(stack.is_signed_in(each.access_token) for each in both)


@pytest.mark.parametrize("source", [(), ("--from", "/nonexistent"), ("--from", "-")])
def test_nobody_named_is_wrong_usage(admin: Admin, monkeypatch: pytest.MonkeyPatch, source: tuple[str, ...]) -> None:
    """No account, a file that is not there, nothing on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert admin("--local", "--yes", "force-sign-in", *source, *WHY).status == 2


def test_a_lost_network_stops_it(
    admin: Admin, stack: Stack, both: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would fail for each of them is not tried for each; how far it has got is said."""
    call = api.call
    calls: list[Any] = []

    def failing(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > 1:
            raise EndpointConnectionError(endpoint_url="https://example.com")
        return call(*arguments)

    monkeypatch.setattr(api, "call", failing)
    names = [each.email for each in both]
    done = admin("--local", "--yes", "force-sign-in", *names, "third@example.com", *WHY)

    assert (done.status, len(calls)) == (1, 2)
    assert "1 of 3 accounts are done" in done.err
    assert [stack.is_signed_in(each.access_token) for each in both] == [False, True]
