"""Changes of an account's row: put together, they are one update that DynamoDB takes."""

from __future__ import annotations

import pytest

from rekey.accounts import changes
from rekey.accounts.attributes import ATTRIBUTES
from rekey.accounts.changes import Change
from tests.stack import Clock, Stack

ACCOUNT = {"account_id": "a", "token_epoch": 4, "password_hash": "seen", "totp_secret": b"seen"}


@pytest.mark.usefixtures("stack")
def test_parts_are_one_update(frozen: Clock) -> None:
    """Each part's attributes, condition and values are in the one write, and that the account is still there."""
    write = changes.updating(
        ACCOUNT,
        changes.unchanged(ACCOUNT, "password_hash"),
        changes.setting_password("new", 5),
        changes.removing("password_attempts_1"),
    )["Update"]

    assert write["UpdateExpression"] == (
        "SET token_epoch = :token_epoch, password_hash = :password_hash, password_changed_at = :password_changed_at"
        " REMOVE password_attempts_1"
    )
    assert write["ConditionExpression"] == (
        "attribute_exists(pk) AND password_hash = :seen_password_hash AND token_epoch = :seen_epoch"
    )
    assert write["ExpressionAttributeValues"] == {
        ":token_epoch": {"N": "5"},
        ":password_hash": {"S": "new"},
        ":password_changed_at": {"N": str(frozen.now)},
        ":seen_password_hash": {"S": "seen"},
        ":seen_epoch": {"N": "4"},
    }


@pytest.mark.usefixtures("stack")
def test_the_later_of_two_counts() -> None:
    """A code that is spent by turning the second factor off: its attribute is named once, its condition stays."""
    write = changes.updating(ACCOUNT, changes.spending_step(7), changes.clearing_totp())["Update"]

    assert write["UpdateExpression"].count("totp_last_step") == 1
    assert "totp_last_step < :spent_step" in write["ConditionExpression"]
    assert write["ExpressionAttributeValues"] == {":spent_step": {"N": "7"}}


@pytest.mark.parametrize("change", [changes.setting_password("new"), changes.disabling(), changes.raising_epoch()])
def test_what_ends_sessions_raises_the_epoch(change: Change) -> None:
    """A new password and a disabled account end every session, whatever else the flow asks for."""
    assert change.actions["token_epoch"] == ("ADD", 1)


def test_the_epoch_only_rises() -> None:
    """To a given epoch it rises from the one before it alone."""
    change = changes.raising_epoch(5)

    assert change.actions["token_epoch"] == ("SET", 5)
    assert (change.condition, change.values) == ("token_epoch = :seen_epoch", {"seen_epoch": 4})


def test_clearing_totp_clears_all_of_it() -> None:
    """Nothing of the second factor outlives it: a code kept would work again with the next."""
    of_totp = {name for name in ATTRIBUTES if name.startswith("totp_") or name == "recovery_codes"}

    assert set(changes.clearing_totp().actions) == of_totp
    assert set(changes.enabling_totp(b"", 0, set()).actions) == of_totp


def test_only_declared_attributes_are_changed(stack: Stack) -> None:  # noqa: ARG001 - its clock
    """Every named change is of attributes that are declared."""
    every = [
        changes.setting_password("x"),
        changes.rehashing_password(ACCOUNT, "x"),
        changes.enabling_totp(b"", 0, set()),
        changes.clearing_totp(),
        changes.spending_step(1),
        changes.spending_recovery_code(b""),
        changes.replacing_recovery_codes(set()),
        changes.disabling(),
        changes.enabling(),
    ]

    assert {name for change in every for name in change.actions} <= ATTRIBUTES.keys()
