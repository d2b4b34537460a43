"""What the owner of an account and an admin are shown of it: where it is signed in, and what has happened lately."""

from __future__ import annotations

import msgspec

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.aws import at_once, store
from rekey.aws.store import Row
from rekey.settings import settings

SHOWN_SESSIONS = 50
SHOWN_EVENTS = 25


class TotpState(msgspec.Struct, kw_only=True):
    """Whether two-factor sign-in is on."""

    enabled: bool
    recovery_codes_left: int


def totp_state(account: Row) -> TotpState:
    return TotpState(enabled="totp_secret" in account, recovery_codes_left=len(account.get("recovery_codes", ())))


def living_sessions(account: Row) -> list[Row]:
    """The newest living ones; those that revoking has ended may still lie there until TTL takes them."""
    return store.query(
        settings().tokens_table,
        account["pk"],
        "session#",
        limit=SHOWN_SESSIONS,
        only="epoch = :epoch AND expires_at > :now",
        epoch=account["token_epoch"],
        now=clock.now(),
    )


def newest_events(account: Row) -> list[Row]:
    """The account's own, and those of its address: requests for a reset, locks at sign-in."""
    of_address = at_once.begin(events_of, keys.address(addresses.email_digest(account["email"])))
    found = events_of(account) + of_address.result()
    found.sort(key=lambda event: str(event["event_id"]), reverse=True)
    return found[:SHOWN_EVENTS]


def find_address(email: str) -> Row:
    """The address's row: attempts, and what became of mails. Empty where there is none."""
    return store.get(settings().accounts_table, keys.address(addresses.email_digest(email))) or {}


def events_of(owner: Row) -> list[Row]:
    """The newest of an account or an address (`owner`, its key)."""
    return store.query(settings().events_table, owner["pk"], "event#", limit=SHOWN_EVENTS)
