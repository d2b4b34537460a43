"""What the runbook says of restored tables is tried as it stands there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import boto3

from local.template import ROOT
from tests.stack import Account, Clock, Stack

if TYPE_CHECKING:
    import pytest


def test_the_runbooks_copy_brings_accounts_back(stack: Stack, frozen: Clock, account: Account) -> None:
    """What is missing is back, what is there stays, sessions of that time are over, and nobody is mailed."""
    other = stack.sign_up("bob@example.com")
    (live,) = [table for table in stack.template.tables() if table["TableName"] == "AccountsTable"]
    boto3.client("dynamodb").create_table(**{**live, "TableName": "AccountsTable-restored"})
    for row in stack.rows("AccountsTable"):
        stack.restore("AccountsTable-restored", row)
    body = {"current_password": other.password, "new_password": "Another-Horse-7"}
    assert stack.call("POST /change", body, token=other.access_token).status == 204
    _lose(stack, account)
    assert stack.sign_in(account).status == 401
    frozen.advance(3600)
    stack.deliver()
    mails = len(stack.inbox)

    _copy_back()

    assert stack.deliver() == {"batchItemFailures": []}
    assert len(stack.inbox) == mails
    assert not stack.is_signed_in(account.access_token)
    assert stack.sign_in(account).status == 200
    assert stack.sign_in(other).status == 401
    other.password = "Another-Horse-7"
    assert stack.sign_in(other).status == 200


def test_what_was_revoked_stays_revoked(
    stack: Stack, frozen: Clock, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thief's session of an epoch after the backup does not come to life by the epoch that the restore begins."""
    (live,) = [table for table in stack.template.tables() if table["TableName"] == "AccountsTable"]
    boto3.client("dynamodb").create_table(**{**live, "TableName": "AccountsTable-restored"})
    for row in stack.rows("AccountsTable"):
        stack.restore("AccountsTable-restored", row)
    frozen.advance(1)
    assert stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token).status == 204
    assert stack.sign_in(account).status == 200
    thief = stack.sign_in(account).json["access_token"]
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token).status == 204
    assert not stack.is_signed_in(thief)
    frozen.advance(60)
    _lose(stack, account)

    monkeypatch.setattr("time.time", lambda: frozen.now)
    _copy_back()

    assert not stack.is_signed_in(thief)
    assert stack.sign_in(account).status == 200


def _lose(stack: Stack, account: Account) -> None:
    for row in stack.rows("AccountsTable"):
        owner: Any = row.get("account_id") or row["pk"]
        if account.account_id in str(owner):
            key = {"pk": row["pk"], "sk": row["sk"]}
            boto3.client("dynamodb").delete_item(TableName="AccountsTable", Key=key)


def _copy_back() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/runbook.md").read_text(), re.DOTALL)
    names = code.replace('"T", "T-restored"', '"AccountsTable", "AccountsTable-restored"')
    assert names != code
    exec(names, {})
