"""How signing keys follow each other: next, current, retired, ended. A turn is laid down at once and then made by time.

API Gateway's own authorizer keeps keys for two hours, and looks for no new one meanwhile. So a key is published that
long before it signs, and stays so until all that it signed has ended, and that long after (docs/decisions/0028).
"""

from __future__ import annotations

from typing import Literal

from rekey import clock
from rekey.aws.store import Row
from rekey.oauth import signing_keys

_GATEWAY = 7200  # seconds that a gateway keeps keys
LEAD = _GATEWAY + signing_keys.CACHED + signing_keys.KEPT  # seconds: a gateway's cache, those of HTTP, our own
TAIL = _GATEWAY + 300  # seconds: a gateway's cache, the longest life of what a key signs

State = Literal["next", "current", "retired", "ended"]


def state_of(key: Row, every: list[Row]) -> State:
    if key not in signing_keys.published_of(every):
        return "ended"
    if key["current_from"] > clock.now():
        return "next"
    return "current" if key == signing_keys.current_of(every) else "retired"


def under_way_until(every: list[Row]) -> int:
    """When the last turn is over: then one key is left. In the past, if it is."""
    return max(int(max(key["current_from"], key.get("published_until", 0))) for key in every)


def turned(every: list[Row], kid: str, n: str) -> list[Row]:
    """The current key and the one after it, in good time."""
    from_then = clock.now() + LEAD
    retiring = {**signing_keys.current_of(every), "published_until": from_then + TAIL}
    return [retiring, _new(kid, n, current_from=from_then)]


def has_next(every: list[Row]) -> bool:
    return any(state_of(key, every) == "next" for key in every)


def without(every: list[Row], leaked: str, replacement: Row | None) -> list[Row]:
    """The keys once one of them is published no longer, and so signs no longer.

    If it was the current one, the next one signs from now on, or the replacement where there is none. Whoever comes
    last then stays.
    """
    was_current = signing_keys.current_of(every)["kid"] == leaked
    left = [{**key} for key in every if key["kid"] != leaked] + ([replacement] if replacement else [])
    last = max(signing_keys.published_of(left), key=lambda key: key["current_from"])
    last.pop("published_until", None)
    if was_current:
        last["current_from"] = min(last["current_from"], clock.now())
    (ended,) = (key for key in every if key["kid"] == leaked)
    return [*left, {**ended, "published_until": clock.now()}]


def replacing(kid: str, n: str) -> Row:
    """A key that signs as soon as it is published."""
    return _new(kid, n, current_from=clock.now())


def _new(kid: str, n: str, current_from: int) -> Row:
    return {"kid": kid, "n": n, "published_at": clock.now(), "current_from": current_from}
