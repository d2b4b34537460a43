"""Changes of an account's row: put together, they are one update that DynamoDB takes."""

from __future__ import annotations

import inspect
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from rekey.accounts import changes
from rekey.accounts.attributes import ATTRIBUTES
from rekey.accounts.changes import Change
from rekey.aws.store import Row
from tests.stack import Clock, Stack

ACCOUNT = {"account_id": "a", "token_epoch": 4, "password_hash": "seen", "totp_secret": b"seen"}
POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD


@pytest.mark.usefixtures("stack")
def test_parts_are_one_update(frozen: Clock) -> None:
    """Each part's attributes, condition and values are in the one write, and that the account is still there."""
    write = changes.updating(
        ACCOUNT,
        changes.unchanged(ACCOUNT, "password_hash"),
        changes.setting_password("new", changes.moving_epoch(4, 5)),
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


def test_what_ends_sessions_raises_the_epoch(frozen: Clock) -> None:
    """A new password and a disabled account end every session, whatever else the flow asks for."""
    raised = ("ADD", frozen.now - 4)

    assert changes.raising_epoch(ACCOUNT).actions["token_epoch"] == raised
    assert changes.disabling(ACCOUNT).actions["token_epoch"] == raised
    assert changes.setting_password("new", changes.raising_epoch(ACCOUNT)).actions["token_epoch"] == raised


def test_the_epoch_is_at_least_the_time(frozen: Clock) -> None:
    """And rises in any case, twice in one second, or where a clock was ahead."""
    assert changes.next_epoch(4) == frozen.now
    assert changes.next_epoch(frozen.now) == frozen.now + 1
    assert changes.next_epoch(frozen.now + 60) == frozen.now + 61
    assert changes.raising_epoch({"token_epoch": frozen.now}).actions["token_epoch"] == ("ADD", 1)


def test_the_epoch_moves_from_the_one_that_was_read() -> None:
    """A flow that keeps its session fails if another has ended all sessions meanwhile."""
    change = changes.moving_epoch(4, 7)

    assert change.actions["token_epoch"] == ("SET", 7)
    assert (change.condition, change.values) == ("token_epoch = :seen_epoch", {"seen_epoch": 4})


def test_clearing_totp_clears_all_of_it() -> None:
    """Nothing of the second factor outlives it: a code kept would work with the next. That it is required does."""
    of_totp = {name for name in ATTRIBUTES if name.startswith("totp_") or name == "recovery_codes"} - {"totp_required"}

    assert set(changes.clearing_totp().actions) == of_totp
    assert set(changes.enabling_totp(b"", 0, set()).actions) == of_totp


def sample(kind: Any) -> Any:
    """A value of a type that a change is made with: never an empty collection."""
    if kind == Row:
        return ACCOUNT
    if get_origin(kind) is dict:
        return {sample(get_args(kind)[0]): sample(get_args(kind)[1])}
    return get_origin(kind)(map(sample, get_args(kind))) if get_origin(kind) else kind()


def every_change() -> dict[str, Change]:
    """What each function of changes.py makes of samples of what it must be given."""
    makers = {name: each for name, each in vars(changes).items() if getattr(each, "__module__", "") == changes.__name__}
    made = {}
    for name, maker in makers.items():
        hints = get_type_hints(maker)
        if hints.get("return") is Change:
            parameters = inspect.signature(maker).parameters.values()
            needed = [each for each in parameters if each.kind == POSITIONAL and each.default is each.empty]
            made[name] = maker(*(sample(hints[each.name]) for each in needed))
    return made


def test_only_declared_attributes_are_changed(stack: Stack) -> None:  # noqa: ARG001 - its clock
    """Every named change is of attributes that are declared, also one that no flow makes in the tests' story."""
    made = every_change()
    undeclared = {name: {*each.actions} - ATTRIBUTES.keys() for name, each in made.items()}

    assert {"setting_password", "rehashing_password", "enabling_totp", "clearing_totp", "disabling"} <= made.keys()
    for name, attributes in undeclared.items():
        assert not attributes, f"changes.{name} is of {attributes}: declare it in accounts/attributes.py"
