"""Attempts of strangers to sign in to an address, and the word to the owner when the last one is used."""

from __future__ import annotations

from typing import Any

from rekey import observability
from rekey.accounts import changes, events, keys
from rekey.accounts.changes import Change
from rekey.accounts.event_types import LOCKED
from rekey.api.client import Client
from rekey.aws import store
from rekey.aws.store import Row
from rekey.limits import allowances
from rekey.limits.allowances import Allowance
from rekey.settings import settings

_ADDRESS_LIFE = 30 * 86400  # seconds an unknown address's row is kept, for it gathers counters as a known one's does


def take_for_address(email_digest: str) -> Row:
    """An attempt to sign in to an address, and in the same trip which account it is, if any.

    An unknown address's row expires; on a registered one `kept_until` overrules that.
    Raises TooManyRequestsError.
    """
    key, expires = keys.address(email_digest), "if_not_exists(kept_until, :expires)"
    return allowances.take(settings().accounts_table, key, allowances.passwords(), expires=expires, life=_ADDRESS_LIFE)


def returning(address: Row) -> dict[str, Any]:
    """The write, for `transact`, that gives back the attempt by which an address's row was read, if it counts still.

    The failures before it stay: they may be a stranger's, who must not learn that the owner has signed in.
    """
    counter = allowances.passwords().taken_in(address)
    return store.updating(
        settings().accounts_table,
        {"pk": address["pk"], "sk": address["sk"]},
        f"SET {counter} = if_not_exists({counter}, :one) - :one",
        "attribute_exists(account_id)",
        one=1,
    )


def returning_code(account: Row) -> Change:
    """The same of the attempt at a code by which an account's row was read: a part of an update of it."""
    return Change(actions={allowances.codes().taken_in(account): ("LESS", 1)})


def unlocking(address: Row) -> dict[str, Any]:
    """The write, for `transact`, that forgets an address's failures, given its row."""
    return store.updating(
        settings().accounts_table,
        {"pk": address["pk"], "sk": address["sk"]},
        f"REMOVE {', '.join(allowances.passwords().failures(address))}",
        "attribute_exists(account_id)",
    )


def forgetting(account: Row, *of: Allowance) -> Change:
    """A part of an update of an account's row: its failures of these kinds are forgotten, as an admin wishes."""
    return changes.removing(*(name for allowance in of for name in allowance.failures(account)))


def report_lock(allowance: Allowance, row: Row, owner: Row, *, email: str, client: Client) -> None:
    """After a failed attempt: if it was the last one allowed, the owner is told, an account or an address (its key).

    The row is that of which the attempt was taken, as it then was.
    """
    if allowance.is_used_up(row):
        store.transact(events.recording(owner, LOCKED, email=email, client=client, factor=allowance.kind))
        observability.count("Lockouts", 1)
