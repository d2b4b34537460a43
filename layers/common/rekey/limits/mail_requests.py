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


def record(kind: str, email: str, client: Client, *, locale: str | None) -> EmailRequested:
    """Take the request from its client's allowances and leave the event from which notify sends the mail.

    Raises TooManyRequestsError for a client that has asked too often. One that has asked too often for this address is
    told the same as ever, and no mail is sent. What others asked for plays no part in it.
    """
    taken = _taking(kind, addresses.mailbox_digest(email), client.network)
    event = events.recording(
        keys.address(addresses.email_digest(email)), kind, email=email, client=client, locale=locale
    )
    try:
        store.transact(*(write for _, _, write in taken), event)
    except ConditionFailedError as refused:
        by, allowance, _ = taken[refused.index]
        if by == "ip":
            raise TooManyRequestsError(allowance.wait(refused.row)) from None
        return EmailRequested(retry_after=_left_of_gap(allowance, refused.row))
    return EmailRequested(retry_after=settings().mail_gap)


def record_told(kind: str, account: Row, client: Client, **detail: str | None) -> EmailRequested:
    """The same for whoever may know of the limit: an admin, and the account itself. Nobody else can use it up.

    Raises TooManyRequestsError.
    """
    allowance = Allowance("mail", settings().mail_limit, _HOUR, settings().mail_gap)
    key = keys.limit(kind, account["account_id"])
    try:
        store.transact(
            allowances.taking(settings().tokens_table, key, allowance, expires=":expires"),
            events.recording(account, kind, email=account["email"], client=client, **detail),
        )
    except ConditionFailedError as refused:
        raise TooManyRequestsError(allowance.wait(refused.row)) from None
    return EmailRequested(retry_after=settings().mail_gap)


def _left_of_gap(allowance: Allowance, row: Row | None) -> int:
    """What is left of the gap that the client itself began; all of it beyond the hour's limit."""
    left = allowance.left_of_gap(row)
    return left if left > 0 else settings().mail_gap


def _taking(kind: str, mailbox_digest: str, network: str) -> list[tuple[str, Allowance, dict[str, Any]]]:
    """What a request for a mail takes, for `transact`: `(by, allowance, write)` for each key the template counts by.

    `ip` is the client, `email` the client and the mailbox: nobody takes anything from another client's allowance.
    """
    gap, counted_by = settings().mail_gap, _COUNTED_BY[settings().mail_limit_key]
    # Where addresses are counted too, two people behind one router would meet each other's gap.
    gap_of_client = gap if counted_by == ("ip",) else 0
    by_whom = {
        "ip": (network, Allowance("mail", settings().client_mail_limit, _HOUR, gap_of_client)),
        "email": (f"{mailbox_digest}#{network}", Allowance("mail", settings().mail_limit, _HOUR, gap)),
    }
    taken = []
    for by in counted_by:
        owner, allowance = by_whom[by]
        write = allowances.taking(settings().tokens_table, keys.limit(kind, owner), allowance, expires=":expires")
        taken.append((by, allowance, write))
    return taken
