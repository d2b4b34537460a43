"""Security events: written in the same transaction as the change they report.

One row is three things: what the user and the admin see, the outbox of the notice mail, the event on EventBridge.
Their types are in `event_types.py`.
"""

from __future__ import annotations

from typing import Any

from rekey import clock, ids
from rekey.accounts import keys
from rekey.accounts.event_types import ACCOUNT_DELETED
from rekey.api import networks
from rekey.api.client import Client
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

ADDRESS_EVENT_LIFE = 30 * 86400  # seconds


def recording(owner: Row, kind: str, *, email: str | None, client: Client, **detail: Any) -> dict[str, Any]:
    """The write, for `transact`, that records an event of an account, an address or an application: `owner`'s key."""
    event_id = ids.new_id()
    event = {
        **keys.event(owner, event_id),
        "event_id": event_id,
        "type": kind,
        "at": clock.now(),
        "expires_at": clock.now() + _life(owner, kind),
        "email": email,
        "client": client.name,
        "client_address": networks.shorten_ip(client.source_ip),
        **detail,
    }
    return store.putting(settings().events_table, event)


def _life(owner: Row, kind: str) -> int:
    """An address may be one that nobody registered, and who has been deleted is to be forgotten: not for long."""
    longest = settings().event_life
    brief = owner["pk"].startswith("address#") or kind == ACCOUNT_DELETED
    return min(longest, ADDRESS_EVENT_LIFE) if brief else longest
