"""Requests for a mail: counted and recorded in one transaction, the same for any address."""

from rekey import addresses, events, keys, limits, store
from rekey.client import Client
from rekey.errors import TooManyRequestsError
from rekey.store import ConditionFailedError, Row


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
    taken = limits.mail_requests(kind, addresses.email_digest(email), client.network)
    event = events.recording(owner, kind, email=email, client=client, **detail)
    try:
        store.transact(*(write for _, _, write in taken), event)
    except ConditionFailedError as refused:
        by, allowance, _ = taken[refused.index]
        return by, allowance.wait(refused.row)
    return None
