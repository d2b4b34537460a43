"""What docs/deploy.md says of the upgrade to a table of events is tried as it stands there."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from local.template import ROOT
from rekey.accounts import keys
from rekey.aws import store
from tests.actors import administer
from tests.stack import EMAIL, Account, Clock, Stack

if TYPE_CHECKING:
    import pytest


def written_before(account: Account, event_id: str, at: int) -> None:
    """As a version before this one recorded an event, with the account."""
    event = {
        **keys.event(keys.account(account.account_id), event_id),
        "event_id": event_id,
        "type": "password.changed",
        "at": at,
        "expires_at": at + 86400,
        "email": EMAIL,
        "client": "curl/8",
        "client_address": "192.0.2.0/24",
    }
    store.put("AccountsTable", event)


def copy_events() -> None:
    page = (ROOT / "docs/deploy.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names = code.replace('"A", "E"', '"AccountsTable", "EventsTable"')
    assert names != code
    exec(names, {})


def test_no_email_of_the_upgrade_is_lost(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that the old version wrote at the end is mailed; one of the day before is not mailed again."""
    monkeypatch.setattr(time, "time", lambda: float(frozen.now))
    stack.deliver()
    written_before(account, "0" * 28, frozen.now - 86400)
    written_before(account, "1" * 28, frozen.now - 60)
    mails = len(stack.inbox)

    copy_events()
    stack.deliver()

    assert [mail["Subject"] for mail in stack.inbox[mails:]] == ["Your password was changed"]
    shown: Any = stack.call("GET /account", token=account.access_token).json["events"]
    assert [event["type"] for event in shown].count("password.changed") == 1


def test_older_events_go_with_their_account(stack: Stack, account: Account, frozen: Clock) -> None:
    """What an earlier version left in the accounts table is deleted with the account."""
    written_before(account, "0" * 28, frozen.now - 86400)

    assert administer(stack, "delete", {"account_id": account.account_id}).json["finished"]

    assert stack.rows("AccountsTable") == []
