"""cleanup: deletes what has expired, in time, and goes on where it stopped."""

from __future__ import annotations

from types import SimpleNamespace

from rekey import clock, store
from tests.calls import meanwhile
from tests.stack import EMAIL, Account, Clock, Stack
from tests.story import context


def fill(number: int, expires_at: int, prefix: str = "old") -> None:
    for count in range(number):
        store.put("TokensTable", {"pk": f"{prefix}#{count}", "sk": "row", "expires_at": expires_at})


def left(stack: Stack, prefix: str = "old") -> int:
    return sum(row["pk"]["S"].startswith(prefix) for row in stack.rows("TokensTable"))


def test_deletes_what_has_expired_and_nothing_else(stack: Stack, account: Account, frozen: Clock) -> None:
    """To the second: what is good for one more second stays, and so does what never expires."""
    fill(3, frozen.now)
    fill(2, frozen.now + 1, "living")
    accounts = stack.rows("AccountsTable")

    assert stack.invoke("cleanup", {}, context()) == {"deleted": 3, "finished": True}

    assert (left(stack), left(stack, "living")) == (0, 2)
    assert stack.rows("AccountsTable") == accounts
    assert stack.is_signed_in(account.access_token)


def test_stops_in_time_and_goes_on(stack: Stack, frozen: Clock) -> None:
    """A run that has no time left stops after a page, says so, and the next goes on from there."""
    fill(450, frozen.now)
    times = iter([60_000, 5_000])
    hurried = SimpleNamespace(get_remaining_time_in_millis=lambda: next(times))

    first = stack.invoke("cleanup", {}, hurried)
    second = stack.invoke("cleanup", {}, context())

    assert first == {"deleted": 200, "finished": False}
    assert second == {"deleted": 250, "finished": True}
    assert left(stack) == 0


def test_no_time_at_all(stack: Stack, frozen: Clock) -> None:
    """A run without time does nothing, and loses nothing."""
    fill(3, frozen.now)

    assert stack.invoke("cleanup", {}, context(1000)) == {"deleted": 0, "finished": False}
    assert stack.invoke("cleanup", {}, context()) == {"deleted": 3, "finished": True}


def test_twice(stack: Stack, frozen: Clock) -> None:
    """A second run finds nothing more to do."""
    fill(3, frozen.now)
    stack.invoke("cleanup", {}, context())

    assert stack.invoke("cleanup", {}, context()) == {"deleted": 0, "finished": True}


def test_a_row_renewed_meanwhile_stays(stack: Stack, frozen: Clock) -> None:
    """A row that is replaced by a living one after it was read is not deleted."""
    fill(1, frozen.now)

    with meanwhile("DeleteItem", lambda: fill(1, clock.now() + 1)):
        answer = stack.invoke("cleanup", {}, context())

    assert answer == {"deleted": 0, "finished": True}
    assert left(stack) == 1


def test_a_registered_address_is_kept_for_good(stack: Stack, frozen: Clock) -> None:
    """Attempts at an address, before it was registered or after, give its row no expiry once it has an account."""
    for _ in range(2):
        stack.call("POST /sign-in", {"email": EMAIL, "password": "wrong"})
    before, after = stack.sign_up(), stack.sign_up("bob@example.com")
    stack.call("POST /sign-in", {"email": after.email, "password": "wrong"})

    frozen.advance(400 * 86400)
    stack.invoke("cleanup", {}, context())

    assert stack.sign_in(before).status == 200
    assert stack.sign_in(after).status == 200
