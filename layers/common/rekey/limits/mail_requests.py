"""Requests for a mail: counted and recorded in one transaction, the same for any address."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from rekey.accounts import addresses, events, keys
from rekey.api.client import Client
from rekey.api.errors import TooManyRequestsError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.limits import allowances
from rekey.limits.allowances import Allowance
from rekey.settings import settings

_HOUR = 3600  # seconds
_COUNTED_BY = {"ip-and-email": ("ip", "email"), "ip": ("ip",), "email": ("email",), "none": ()}


class EmailRequested(msgspec.Struct, kw_only=True):
    """The answer to a request for an email, whether or not one is sent."""

    retry_after: Annotated[int, msgspec.Meta(ge=0, description="Seconds in which no other request sends an email")]


class _Met(msgspec.Struct):
    """A limit that was met: what it counts by (`ip` or `email`), and its row as it stood."""

    by: str
    allowance: Allowance
    row: Row | None


def record(kind: str, email: str, client: Client, *, locale: str | None) -> EmailRequested:
    """Take the request from its allowances and leave the event from which notify sends the mail.

    Raises TooManyRequestsError for a client that has asked too often. An address that has been sent enough is told the
    same as ever, and is sent no more: a refusal would tell anyone that somebody has just asked for it.
    """
    met = _record(kind, keys.address(addresses.email_digest(email)), email, client, locale=locale)
    if met and met.by == "ip":
        raise TooManyRequestsError(met.allowance.wait(met.row))
    return EmailRequested(retry_after=_left_of_gap(met, client) if met else _gap())


def record_told(kind: str, owner: Row, email: str, client: Client, **detail: str | None) -> EmailRequested:
    """The same for whoever may know of either limit: an admin, and the account itself. The event is `owner`'s, its key.

    Raises TooManyRequestsError.
    """
    met = _record(kind, owner, email, client, **detail)
    if met:
        raise TooManyRequestsError(met.allowance.wait(met.row))
    return EmailRequested(retry_after=_gap())


def _gap() -> int:
    """Seconds from a request to the next that can send an email."""
    return settings().mail_gap if _COUNTED_BY[settings().mail_limit_key] else 0


def _left_of_gap(met: _Met, client: Client) -> int:
    """What is left of the gap, told to whoever began it. Anybody else is told all of it, as for an address that nobody
    asked for: what is left would tell them when its owner did. So is everybody beyond the hour's limit.
    """
    left = met.allowance.left_of_gap(met.row)
    is_own = met.row is not None and met.row.get("mail_attempted_by") == client.network
    return left if is_own and left > 0 else _gap()


def _record(kind: str, owner: Row, email: str, client: Client, **detail: str | None) -> _Met | None:
    """None, or the limit that was met, so that nothing was recorded."""
    taken = _taking(kind, addresses.mailbox_digest(email), client.network)
    event = events.recording(owner, kind, email=email, client=client, **detail)
    try:
        store.transact(*(write for _, _, write in taken), event)
    except ConditionFailedError as refused:
        by, allowance, _ = taken[refused.index]
        return _Met(by, allowance, refused.row)
    return None


def _taking(kind: str, mailbox_digest: str, network: str) -> list[tuple[str, Allowance, dict[str, Any]]]:
    """What a request for a mail takes, for `transact`: `(by, allowance, write)` for each key the template counts by.

    The client's own comes first: one at its limit must not learn from the answer which address has just been asked for.
    """
    counted_by = _COUNTED_BY[settings().mail_limit_key]
    # Where addresses are counted too, two people behind one router would meet each other's gap.
    gap_of_client = settings().mail_gap if counted_by == ("ip",) else 0
    by_whom = {
        "ip": (network, Allowance("mail", settings().client_mail_limit, _HOUR, gap_of_client)),
        "email": (mailbox_digest, Allowance("mail", settings().mail_limit, _HOUR, settings().mail_gap)),
    }
    taken = []
    for by in counted_by:
        owner, allowance = by_whom[by]
        key = keys.limit(kind, owner)
        write = allowances.taking(settings().tokens_table, key, allowance, expires=":expires", by=network)
        taken.append((by, allowance, write))
    return taken
