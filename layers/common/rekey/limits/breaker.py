"""The breaker of the strangers' lane: when too many of an hour's emails come back, it closes until the next hour.

SES puts a sender under review when 5 % of its emails bounce or 0.1 % are complained of, pauses it at 10 % and 0.5 %:
https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-bounce-rate.html
"""

from __future__ import annotations

from rekey import clock
from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.settings import settings

HOUR = 3600  # seconds
MOST_BAD = 5  # per cent of the emails whose fate is known
LEAST_KNOWN, LEAST_BAD = 20, 3  # emails: of twenty addresses that people type one may be mistyped, three are not
IS_OPEN = "attribute_not_exists(closed_at)"


def this_hour() -> Row:
    """The key of the row that counts this hour's emails to strangers."""
    return keys.limit("strangers", str(clock.now() // HOUR))


def is_closed() -> bool:
    return "closed_at" in (store.get(settings().tokens_table, this_hour()) or {})


def record_fate(*, bad: bool) -> bool:
    """Count what has become of an email to a stranger: a hard bounce or a complaint, which are bad, or a delivery.

    Whether that has just closed the lane.
    """
    table, key, name = settings().tokens_table, this_hour(), "bad" if bad else "delivered"
    counting = f"SET {name} = if_not_exists({name}, :zero) + :one, expires_at = :expires"
    expires = clock.now() + 2 * HOUR
    try:
        row = store.update(store.updating(table, key, counting, IS_OPEN, zero=0, one=1, expires=expires))
        if not _is_too_bad(row.get("bad", 0), row.get("delivered", 0)):
            return False
        store.update(store.updating(table, key, "SET closed_at = :now", IS_OPEN, now=clock.now()))
    except ConditionFailedError:  # closed already
        return False
    return True


def _is_too_bad(bad: int, delivered: int) -> bool:
    known = bad + delivered
    return known >= LEAST_KNOWN and bad >= LEAST_BAD and bad * 100 > MOST_BAD * known
