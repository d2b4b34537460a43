"""What a test does to the stack it was given is in no other test's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from moto.core.base_backend import BackendDict

from tests.built import build
from tests.stack import Account, Stack


def held(stack: Stack) -> tuple[Any, ...]:
    """All that the stack keeps: rows, mails, records of the stream not yet looked at."""
    return (
        stack.rows("AccountsTable"),
        stack.rows("EventsTable"),
        stack.rows("TokensTable"),
        [str(mail) for mail in stack.inbox],
        stack.stream(),
    )


def test_copies_share_nothing(stack: Stack) -> None:
    """A copy is as the first was, whatever was done to that: a session ended, somebody else signed up and mailed."""
    BackendDict.reset()
    template = replace(stack.template, physical=Stack.physical_names(stack.template))
    built = build(template, lambda new: new.sign_up())
    first, account = built.copy()
    before = held(first)
    assert account
    assert before[0]
    assert before[2]

    first.sign_up("bob@example.com")
    first.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)
    assert held(first)[:3] != before[:3]
    account.recovery_codes.append("spent")
    first.template.physical["AccountsTable"] = "Elsewhere"

    second, again = built.copy()
    assert held(second) == before
    assert again == replace(account, recovery_codes=[])
    assert second.is_signed_in(again.access_token)
    assert "AccountsTable" not in second.template.physical


def test_an_account_is_good_wherever_it_was_built(stack: Stack, account: Account) -> None:
    """The account that tests begin with is the stack's: signed in, its mail in the inbox, its records not read."""
    assert stack.is_signed_in(account.access_token)
    assert [mail["To"] for mail in stack.inbox] == [account.email]
    assert [record["eventName"] for record in stack.stream()] == ["INSERT"]
