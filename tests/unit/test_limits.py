"""Allowances: so many attempts in a period, counted before they are judged."""

from __future__ import annotations

import itertools
import re

import boto3
import pytest

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.api.client import Client
from rekey.api.errors import TooManyRequestsError
from rekey.aws import store
from rekey.limits import allowances, attempts
from rekey.limits.allowances import Allowance
from tests.stack import Clock, Stack

KEY = keys.limit("test", "owner")
TABLE = "TokensTable"

pytestmark = pytest.mark.usefixtures("stack")


def take(allowance: Allowance) -> store.Row:
    return allowances.take(TABLE, KEY, allowance, expires=":expires")


def row() -> store.Row:
    return store.get(TABLE, KEY) or {}


def test_exact_count() -> None:
    """Just as many are allowed as it says, and a refused one is not counted."""
    allowance = Allowance("password", 5, 900)

    counts = [take(allowance)[allowance.counter] for _ in range(5)]

    assert counts == [1, 2, 3, 4, 5]
    for _ in range(3):
        with pytest.raises(TooManyRequestsError):
            take(allowance)
    assert row()[allowance.counter] == 5


def test_retry_after_ends_the_period(frozen: Clock) -> None:
    """A refusal says when the period ends; the second before it is still refused, and that second is not."""
    allowance = Allowance("password", 1, 900)
    take(allowance)
    with pytest.raises(TooManyRequestsError) as refusal:
        take(allowance)

    frozen.advance(refusal.value.retry_after - 1)
    with pytest.raises(TooManyRequestsError) as late:
        take(allowance)
    frozen.advance(1)

    assert late.value.headers() == {"Retry-After": "1"}
    assert take(allowance)[allowance.counter] == 1


def test_gap(frozen: Clock) -> None:
    """Two attempts are at least the gap apart, however many are left."""
    allowance = Allowance("mail", 5, 3600, gap=60)
    take(allowance)

    for seconds in (0, 59):
        frozen.advance(seconds)
        with pytest.raises(TooManyRequestsError):
            take(allowance)
    frozen.advance(1)

    assert take(allowance)[allowance.counter] == 2


def test_gap_over_the_end_of_a_period(frozen: Clock) -> None:
    """A new period does not make the gap shorter."""
    allowance = Allowance("mail", 5, 3600, gap=60)
    frozen.advance(allowance.left_of_period() - 1)
    take(allowance)

    frozen.advance(1)

    with pytest.raises(TooManyRequestsError):
        take(allowance)


def test_retry_after_of_the_gap() -> None:
    """A refusal for the gap says when the gap is over, and not when the period is."""
    allowance = Allowance("mail", 5, 3600, gap=60)
    take(allowance)

    with pytest.raises(TooManyRequestsError) as refusal:
        take(allowance)

    assert refusal.value.retry_after == 60


def test_an_account_is_not_made() -> None:
    """What has no expiry is an account's row: where there is none, an attempt is refused and leaves none."""
    with pytest.raises(TooManyRequestsError):
        allowances.take("AccountsTable", keys.account("gone"), Allowance("password", 5, 900))

    assert store.get("AccountsTable", keys.account("gone")) is None


def test_deleted_is_as_good_as_lapsed(frozen: Clock) -> None:
    """A row that TTL has deleted allows what one allows whose period is over, and no more."""
    allowance = Allowance("password", 2, 900)
    take(allowance)
    assert row()["expires_at"] == frozen.now + 1800
    frozen.advance(900)
    lapsed = take(allowance)
    boto3.client("dynamodb").delete_item(TableName=TABLE, Key=store.to_item(KEY))

    deleted = take(allowance)

    assert deleted == lapsed


def test_never_expires_within_its_period(frozen: Clock) -> None:
    """TTL cannot end a lock: the row outlives the period in which it was last touched."""
    allowance = Allowance("password", 2, 900)

    for seconds in (0, 799, 0):
        frozen.advance(seconds)
        try:
            take(allowance)
        except TooManyRequestsError:
            continue
        assert row()["expires_at"] > frozen.now + allowance.left_of_period()


def test_earlier_periods_are_swept(frozen: Clock) -> None:
    """A row that is under attack for a day does not grow."""
    allowance = Allowance("password", 2, 900)

    for _ in range(96):
        take(allowance)
        frozen.advance(900)

    assert sum(name.startswith("password_attempts_") for name in row()) <= 9


def test_clearing_names_counters_alone(frozen: Clock) -> None:
    """What a success removes are the counters of its kind: never the password's hash, nor another kind's."""
    password, code = Allowance("password", 5, 900), Allowance("code", 5, 900)
    names = {"password_hash": "x", "password_changed_at": 1, "password_attempted_at": 1, code.counter: 1, "pk": "x"}
    frozen.advance(900)
    earlier = "password_attempts_1999999"

    cleared = password.failures({**names, earlier: 3})

    assert cleared == {password.counter, earlier}


def test_clearing_an_unread_row() -> None:
    """Of a row that was not read, the present counter is cleared."""
    allowance = Allowance("password", 5, 900)

    assert allowance.failures({}) == {allowance.counter}


def test_slow_attack_does_not_lock_for_good(stack: Stack, frozen: Clock) -> None:
    """One wrong password now and then, for weeks, does not grow the row until the write that clears it is refused.

    An expression may have 4 KiB, which is some 150 counters: more would keep the owner from signing in for good.
    """
    account = stack.sign_up()
    address = keys.address(addresses.email_digest(account.email))
    for _ in range(60):
        assert stack.call("POST /sign-in", {"email": account.email, "password": "wrong"}).status == 401
        frozen.advance(9 * 900)

    kept = store.get("AccountsTable", address) or {}

    assert sum("_attempts_" in name for name in kept) < 50
    assert stack.sign_in(account).status == 200


@pytest.mark.parametrize("seconds", [1, 2, 3, 4, 5])
def test_a_period_that_ends_meanwhile(frozen: Clock, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Wherever in it the clock goes on to the next period, an attempt counts one period and drops others."""
    allowance = Allowance("password", 5, 900)
    frozen.advance(allowance.left_of_period() - seconds)
    ticking = itertools.count(frozen.now)
    monkeypatch.setattr(clock, "now", lambda: next(ticking))

    update = allowances.taking(TABLE, KEY, allowance, expires=":expires")["Update"]

    counted, dropped = (
        set(re.findall(r"\w+_attempts_\d+", part)) for part in update["UpdateExpression"].split("REMOVE")
    )
    assert len(counted) == 1
    assert not counted & dropped
    assert counted == set(re.findall(r"\w+_attempts_\d+", update["ConditionExpression"]))


def test_no_lock_is_left_to_report(frozen: Clock, stack: Stack) -> None:
    """If the period ends while the last attempt is judged, there is no lock any more, and none is reported."""
    allowance = Allowance("password", 1, 900)
    taken = take(allowance)
    frozen.advance(900)

    attempts.report_lock(allowance, taken, KEY, email="alice@example.com", client=Client("192.0.2.1"))

    assert stack.rows("AccountsTable") == []


def test_sweeping_leaves_other_kinds_alone(stack: Stack) -> None:
    """However many old counters a row has gathered, an attempt of one kind never forgets those of another."""
    account = stack.sign_up()
    password, code = Allowance("password", 5, 900), Allowance("code", 5, 900)
    key = keys.account(account.account_id)
    allowances.take("AccountsTable", key, password)
    gathered = {code.counter_in(number): 1 for number in range(40)}
    store.put("AccountsTable", {**(store.get("AccountsTable", key) or {}), **gathered})

    allowances.take("AccountsTable", key, code)

    left = store.get("AccountsTable", key) or {}
    assert left[password.counter] == 1
    assert sum(name.startswith("code_attempts_") for name in left) < len(gathered)
