"""What SES lets the whole account send in 24 hours: strangers leave the last fifth of it to owners."""

from __future__ import annotations

from functools import cache
from typing import Any

from rekey import clock
from rekey.aws import sdk

MOST_OF_STRANGERS = 80  # per cent
_ASKED_EVERY = 60  # seconds, in each environment: GetAccount is for consoles, and takes one call a second


def is_nearly_met() -> bool:
    known = _known()
    if clock.now() >= known.get("at", 0) + _ASKED_EVERY:
        known |= {"at": clock.now(), **sdk.ses().get_account()["SendQuota"]}
    most = known["Max24HourSend"]  # -1 where there is no limit
    return most > 0 and bool(known["SentLast24Hours"] * 100 >= most * MOST_OF_STRANGERS)


@cache
def _known() -> dict[str, Any]:
    """What SES told last, and when."""
    return {}
