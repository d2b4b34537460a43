"""What the owner of an account and an admin are shown of it: where it is signed in, and what has happened."""

from __future__ import annotations

from typing import NamedTuple

from rekey import clock
from rekey.accounts import addresses, applications, keys
from rekey.aws import at_once, store
from rekey.aws.store import Row
from rekey.settings import settings

SHOWN_SESSIONS = 50
SHOWN_EVENTS = 25  # of the account's own, on a page
FOLDED_EVENTS = 200  # of its address, on a page
_END = "0" * 28  # an id before every other


class Events(NamedTuple):
    """A page of events, newest first. Each is a row with two members more: `count`, and `first_at` in seconds."""

    rows: list[Row]
    next: str | None
    """The cursor of the events before these; None if there are none."""


def living_sessions(account: Row, limit: int = SHOWN_SESSIONS, *, direct: bool = False) -> list[Row]:
    """The newest living ones; those that were revoked may still lie there until TTL takes them. Only those that are of
    no application, if `direct`.
    """
    own = " AND attribute_not_exists(client_id)" if direct else ""
    found = store.query(
        settings().tokens_table,
        account["pk"],
        "session#",
        limit=limit,
        only=f"epoch = :epoch AND expires_at > :now AND created_at >= :since{own}",
        epoch=account["token_epoch"],
        now=clock.now(),
        since=settings().sessions_since,
    )
    return [session for session in found if applications.is_connected(session, account)]


def find_address(email: str) -> Row:
    """The address's row: attempts, and what became of mails. Empty where there is none."""
    return store.get(settings().accounts_table, keys.address(addresses.email_digest(email))) or {}


def find_events(email: str, account: Row | None, before: str | None) -> Events:
    """A page of the account's own events, if there is one, and of those of its address. `before` has the ids of the
    last that were read of either; where to read is never taken from it.

    Anybody can cause the latter, so each kind goes back at its own pace: a flood of requests fills a line of the page
    for each type, and moves nothing that happened to the account.
    """
    before_own, before_asked = before.split(".") if before else (None, None)
    address = keys.address(addresses.email_digest(email))
    asking = at_once.begin(_read, address, before_asked, FOLDED_EVENTS)
    own, last_own = _read(account, before_own, SHOWN_EVENTS) if account else ([], _END)
    asked, last_asked = asking.result()
    rows = [{**row, "count": 1, "first_at": row["at"]} for row in own] + _fold(asked)
    rows.sort(key=lambda row: str(row["event_id"]), reverse=True)
    more = {last_own, last_asked} != {_END}
    return Events(rows, f"{last_own}.{last_asked}" if more else None)


def _read(owner: Row, before: str | None, limit: int) -> tuple[list[Row], str]:
    """The newest of an account or an address (`owner`, its key) before an id; and the last id, if there are more."""
    after = keys.event(owner, before) if before else None
    found = store.query(settings().events_table, owner["pk"], "event#", limit=limit + 1, after=after)
    return found[:limit], found[limit - 1]["event_id"] if len(found) > limit else _END


def _fold(rows: list[Row]) -> list[Row]:
    """The newest of each type, how many there are and when the first was; what an admin did stands alone."""
    folded: dict[str, Row] = {}
    for row in rows:
        entry = folded.setdefault(row["event_id"] if "admin" in row else row["type"], {**row, "count": 0})
        entry |= {"count": entry["count"] + 1, "first_at": row["at"]}
    return [*folded.values()]
