"""Attempts to sign in to an address, and the word to the owner when the last one locks it."""

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


def unlocking(address: Row, **proven: Any) -> dict[str, Any]:
    """The write, for `transact`, that forgets an address's failures, given its row, or its key alone.

    `proven` are attributes of the row that the same write sets.
    """
    setting = f"SET {', '.join(f'{name} = :{name}' for name in proven)} " if proven else ""
    return store.updating(
        settings().accounts_table,
        {"pk": address["pk"], "sk": address["sk"]},
        f"{setting}REMOVE {', '.join(allowances.passwords().failures(address))}",
        "attribute_exists(account_id)",
        **proven,
    )


def forgetting(account: Row, *of: Allowance) -> Change:
    """A part of an update of an account's row: its failures of these kinds are forgotten, as proven by now."""
    return changes.removing(*(name for allowance in of for name in allowance.failures(account)))


def report_lock(allowance: Allowance, row: Row, *, email: str, client: Client) -> None:
    """After a failed attempt: if it was the last one allowed, its owner is told. The row is as `take` returned it."""
    if allowance.is_used_up(row):
        store.transact(events.recording(row, LOCKED, email=email, client=client, factor=allowance.kind))
        observability.count("Lockouts", 1)
