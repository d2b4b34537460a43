"""Requests for a mail by somebody not signed in: counted and recorded in one transaction, the same for any address."""

from rekey import addresses, events, keys, limits, store
from rekey.client import Client
from rekey.errors import TooManyRequestsError
from rekey.store import ConditionFailedError


def record(kind: str, email: str, client: Client, *, locale: str | None) -> None:
    """Take the request from its allowances and leave the event from which notify sends the mail.

    Raises TooManyRequestsError for a client that has asked too often. An address that has been sent enough is told the
    same as ever, and is sent no more: a refusal would tell anyone that somebody has just asked for it.
    """
    digest = addresses.email_digest(email)
    taken = limits.mail_requests(kind, digest, client.network)
    event = events.recording(keys.address(digest), kind, email=email, client=client, locale=locale)
    try:
        store.transact(*(write for _, _, write in taken), event)
    except ConditionFailedError as refused:
        by, allowance, _ = taken[refused.index]
        if by == "ip":
            raise TooManyRequestsError(allowance.wait(refused.row)) from None
