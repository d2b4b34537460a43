"""Limits: an attempt is taken from its allowance before it is judged, so no burst of guesses outruns the count.

A row counts each period in an attribute of its own, named by kind and period (`password_attempts_2187411`). So one
conditional update takes an attempt or refuses it, with no read before and no second write to begin a new period; and a
row that TTL has deleted behaves as one that merely lapsed, which keeps known and unknown addresses alike.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rekey import clock
from rekey.api.errors import TooManyRequestsError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.settings import settings

_SWEPT = 8  # earlier periods that each update drops, so that a row under attack does not grow
_MOST_COUNTERS = 32  # that a row may gather from a slower attack, and that one write drops: expressions end at 4 KB


class Allowance(msgspec.Struct, frozen=True):
    """So many attempts of a kind in a period of seconds, at least `gap` seconds apart."""

    kind: str
    limit: int
    period: int
    gap: int = 0

    @property
    def counter(self) -> str:
        """The attribute that counts the present period."""
        return self.counter_in(clock.now() // self.period)

    def counter_in(self, number: int) -> str:
        """The attribute that counts the period of this number."""
        return f"{self._prefix}{number}"

    @property
    def _prefix(self) -> str:
        return f"{self.kind}_attempts_"

    def left_of_period(self) -> int:
        """Seconds."""
        return self.period - clock.now() % self.period

    def locked_until(self, row: Row) -> int | None:
        """When the present period ends, if all its attempts are used up."""
        return clock.now() + self.left_of_period() if self.is_used_up(row) else None

    def is_used_up(self, row: Row) -> bool:
        """Whether no attempt is left in the present period."""
        return bool(row.get(self.counter, 0) >= self.limit)

    def wait(self, row: Row | None) -> int:
        """Seconds for Retry-After, from the row as it was when it refused."""
        is_used_up = not self.gap or (row or {}).get(self.counter, 0) >= self.limit
        return max(1, self.left_of_gap(row), self.left_of_period() if is_used_up else 0)

    def left_of_gap(self, row: Row | None) -> int:
        """Seconds until another attempt may follow the last; none or fewer, if it may at once."""
        return int((row or {}).get(f"{self.kind}_attempted_at", 0)) + self.gap - clock.now() if self.gap else 0

    def counters(self, row: Row) -> list[str]:
        """The attributes of a row that count any period of this kind. Another kind's are none of its business."""
        return [name for name in row if name.startswith(self._prefix)]

    def taken_in(self, row: Row) -> str:
        """The attribute in which a row, as `take` returned it, has counted: that period may be over by now."""
        return max(self.counters(row), key=lambda name: int(name.removeprefix(self._prefix)))

    def failures(self, row: Row) -> set[str]:
        """The attributes that a success removes."""
        return {self.counter, *self.counters(row)[:_MOST_COUNTERS]}


def taking(  # noqa: PLR0913 - what an attempt leaves
    table: str,
    key: Row,
    allowance: Allowance,
    *,
    expires: str | None = None,
    life: int | None = None,
    only: str | None = None,
    **told: Any,
) -> dict[str, Any]:
    """The update that takes one attempt. It makes a limit's or an address's row, if there is none.

    `expires` is what the row's expiry becomes, an expression that may name `:expires`: `life` seconds from now, or two
    periods. An account's row has none and is not made here: it may have been deleted a moment ago. `only` is one more
    condition, and `told` its values.
    """
    now, attempted_at = clock.now(), f"{allowance.kind}_attempted_at"
    present = now // allowance.period
    counter = allowance.counter_in(present)
    sets = [f"{counter} = if_not_exists({counter}, :zero) + :one"]
    conditions = [f"(attribute_not_exists({counter}) OR {counter} < :limit)"]
    values: dict[str, Any] = {"one": 1, "zero": 0, "limit": allowance.limit}
    if only:
        conditions.append(only)
        values |= told
    if allowance.gap:
        sets.append(f"{attempted_at} = :now")
        conditions.append(f"(attribute_not_exists({attempted_at}) OR {attempted_at} <= :before)")
        values |= {"now": now, "before": now - allowance.gap}
    if expires:
        sets.append(f"expires_at = {expires}")
        values["expires"] = now + (life or 2 * allowance.period)
    else:
        conditions.append("attribute_exists(pk)")
    swept = ", ".join(allowance.counter_in(present - age) for age in range(1, _SWEPT + 1))
    return store.updating(table, key, f"SET {', '.join(sets)} REMOVE {swept}", " AND ".join(conditions), **values)


def take(table: str, key: Row, allowance: Allowance, *, expires: str | None = None, life: int | None = None) -> Row:
    """Take an attempt now; the row as it then is. Raises TooManyRequestsError when the allowance is used up."""
    try:
        return take_if(table, key, allowance, expires=expires, life=life)
    except ConditionFailedError as refused:
        raise TooManyRequestsError(allowance.wait(refused.row)) from None


def take_if(table: str, key: Row, allowance: Allowance, **how: Any) -> Row:
    """The same; `how` is as `taking` has it. Raises ConditionFailedError, with the row as it was when it refused."""
    row = store.update(taking(table, key, allowance, **how))
    stale = [name for name in allowance.counters(row) if name != allowance.counter]
    if len(stale) > _MOST_COUNTERS:
        swept = ", ".join(stale[:_MOST_COUNTERS])
        store.update(store.updating(table, key, f"REMOVE {swept}", "attribute_exists(pk)"))
    return row


def passwords() -> Allowance:
    """Wrong passwords: of an address at sign-in, of an account once signed in."""
    return Allowance("password", settings().attempt_limit, settings().attempt_period)


def codes() -> Allowance:
    """Wrong TOTP and recovery codes: counted apart, or whoever knows no password could lock the code."""
    return Allowance("code", settings().attempt_limit, settings().attempt_period)
