"""Requests for a mail: counted and recorded in one transaction, the same for any address."""

from typing import Any

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


def record(kind: str, email: str, client: Client, *, locale: str | None) -> None:
    """Take the request from its allowances and leave the event from which notify sends the mail.

    Raises TooManyRequestsError for a client that has asked too often. An address that has been sent enough is told the
    same as ever, and is sent no more: a refusal would tell anyone that somebody has just asked for it.
    """
    met = _record(kind, keys.address(addresses.email_digest(email)), email, client, locale=locale)
    if met and met[0] == "ip":
        raise TooManyRequestsError(met[1])


def record_told(kind: str, owner: Row, email: str, client: Client, **detail: str | None) -> None:
    """The same for whoever may know of either limit: an admin, and the account itself. The event is `owner`'s, its key.

    Raises TooManyRequestsError.
    """
    met = _record(kind, owner, email, client, **detail)
    if met:
        raise TooManyRequestsError(met[1])


def _record(kind: str, owner: Row, email: str, client: Client, **detail: str | None) -> tuple[str, int] | None:
    """None, or which limit was met (`ip` or `email`), and for how many seconds."""
    taken = _taking(kind, addresses.email_digest(email), client.network)
    event = events.recording(owner, kind, email=email, client=client, **detail)
    try:
        store.transact(*(write for _, _, write in taken), event)
    except ConditionFailedError as refused:
        by, allowance, _ = taken[refused.index]
        return by, allowance.wait(refused.row)
    return None


def _taking(kind: str, email_digest: str, network: str) -> list[tuple[str, Allowance, dict[str, Any]]]:
    """What a request for a mail takes, for `transact`: `(by, allowance, write)` for each key the template counts by.

    The client's own comes first: one at its limit must not learn from the answer which address has just been asked for.
    """
    counted_by = _COUNTED_BY[settings().mail_limit_key]
    # Where addresses are counted too, two people behind one router would meet each other's gap.
    gap_of_client = settings().mail_gap if counted_by == ("ip",) else 0
    by_whom = {
        "ip": (network, Allowance("mail", settings().client_mail_limit, _HOUR, gap_of_client)),
        "email": (email_digest, Allowance("mail", settings().mail_limit, _HOUR, settings().mail_gap)),
    }
    taken = []
    for by in counted_by:
        owner, allowance = by_whom[by]
        write = allowances.taking(settings().tokens_table, keys.limit(kind, owner), allowance, expires=":expires")
        taken.append((by, allowance, write))
    return taken
