"""Emailed links at rest: a row for each owner and kind of link, with the tokens of the last few that were sent.

A newer link leaves the older ones valid. Otherwise a stranger who asks again and again would end each link before its
owner has used it. Each is valid until it expires. Using one deletes the row, which ends all of them.
"""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.sessions.tokens import Token
from rekey.settings import settings

KEPT = 15  # links of a row. With MailGap between any two, a link outlives the fourteen that strangers ask for after it
_NAMES = [f"link_{number}" for number in range(KEPT)]


def keep(  # noqa: PLR0913 - what is kept of a link
    key: Row, token: Token, life: int, *, asked_at: int, gap: int, at_once: bool = False, **detail: Any
) -> bool:
    """Keep the token of a link that is about to be sent; False where none must be sent.

    That is where the last was asked for less than `gap` seconds before this one was, unless by the same event, which
    may come again, or `at_once`. The row's own digest is the newest link's, as releases before this one read it.
    """
    link = {"digest": token.digest(), "expires_at": clock.now() + life}
    row = {**link, "asked_at": asked_at, "event_id": token.token_id, **detail}
    values = {name: value for name, value in row.items() if value is not None}
    values[_NAMES[asked_at // max(1, gap) % KEPT]] = link
    write = store.updating(
        settings().tokens_table,
        key,
        f"SET {', '.join(f'{name} = :{name}' for name in values)}",
        "attribute_not_exists(asked_at) OR asked_at <= :latest OR event_id = :event_id",
        latest=clock.now() if at_once else asked_at - gap,
        **values,
    )
    try:
        store.update(write)
    except ConditionFailedError:
        return False
    return True


def put_off(key: Row, event_id: str) -> None:
    """An event's link could not be sent, for now: another's may be, without waiting for the gap."""
    write = store.updating(settings().tokens_table, key, "REMOVE asked_at", "event_id = :event_id", event_id=event_id)
    try:
        store.update(write)
    except ConditionFailedError:  # a newer one is kept, or one was used
        return


def is_good(row: Row | None, token: Token) -> bool:
    """Whether the row keeps the token and it has not expired, whatever TTL has deleted."""
    links = [row, *(row.get(name) for name in _NAMES)] if row else []
    return any(token.matches(link["digest"]) and link["expires_at"] > clock.now() for link in links if link)


def consuming(key: Row, token: Token) -> dict[str, Any]:
    """The write that spends a token. With all that it buys in one transaction, it is accepted at most once."""
    paths = ["", *(f"{name}." for name in _NAMES)]
    return store.deleting(
        settings().tokens_table,
        key,
        " OR ".join(f"{path}digest = :digest AND {path}expires_at > :now" for path in paths),
        digest=token.digest(),
        now=clock.now(),
    )
