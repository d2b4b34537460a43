"""Security events: written in the same transaction as the change they report.

One row is three things: what the user and the admin see, the outbox of the notice mail, the event on EventBridge.
"""

from __future__ import annotations

from typing import Any

from rekey import clock, ids
from rekey.accounts import keys
from rekey.api import networks
from rekey.api.client import Client
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

# What happened, as `noun.verb`: part of the contract with whoever listens on EventBridge.
ACCOUNT_CREATED = "account.created"
ACCOUNT_IMPORTED = "account.imported"
ACCOUNT_UNLOCKED = "account.unlocked"
ACCOUNT_DISABLED = "account.disabled"
ACCOUNT_ENABLED = "account.enabled"
ACCOUNT_DELETED = "account.deleted"
SIGN_UP_REQUESTED = "sign_up.requested"
SIGNED_IN = "sign_in.succeeded"
LOCKED = "sign_in.locked"
PASSWORD_CHANGED = "password.changed"  # noqa: S105 - a name
PASSWORD_RESET = "password.reset"  # noqa: S105 - a name
RESET_REQUESTED = "password.reset_requested"
TOTP_ENABLED = "totp.enabled"
TOTP_DISABLED = "totp.disabled"
RECOVERY_CODE_USED = "recovery_code.used"
RECOVERY_CODES_REPLACED = "recovery_codes.replaced"
EMAIL_VERIFICATION_REQUESTED = "email.verification_requested"
EMAIL_VERIFIED = "email.verified"
DELIVERY_RESTORED = "delivery.restored"
SESSIONS_REVOKED = "sessions.revoked"
SESSION_REVOKED = "session.revoked"
REFRESH_REUSED = "refresh.reused"

ADDRESS_EVENT_LIFE = 30 * 86400  # seconds


def recording(owner: Row, kind: str, *, email: str, client: Client, **detail: Any) -> dict[str, Any]:
    """The write that records an event of an account or an address (`owner`, its key), for `transact`."""
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
    return store.putting(settings().accounts_table, event)


def _life(owner: Row, kind: str) -> int:
    """An address may be one that nobody registered, and who has been deleted is to be forgotten: not for long."""
    longest = settings().event_life
    brief = owner["pk"].startswith("address#") or kind == ACCOUNT_DELETED
    return min(longest, ADDRESS_EVENT_LIFE) if brief else longest
