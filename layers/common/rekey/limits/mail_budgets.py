"""How many emails go out, whatever asks for them: to strangers in all, and of one kind to one account.

Both are counted in Tokens, each by one call that counts and refuses at once.
"""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.accounts.event_types import LOCKED
from rekey.api.errors import TooManyRequestsError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.limits import allowances, breaker
from rekey.limits.allowances import Allowance
from rekey.limits.breaker import HOUR
from rekey.settings import settings

_DAY = 86400  # seconds


def take_for_stranger(email: str) -> str | None:
    """Take an email to a stranger from the stack's budget of this hour, its domain's half of that, and its mailbox's.

    None, or why it must not be sent: `lane_closed`, `over_budget`, `domain_over_budget` or `mailbox_over_budget`.
    """
    budget, hour = settings().sign_up_mail_budget, clock.now() // HOUR
    limits = {
        "over_budget": (breaker.this_hour(), budget, f" AND {breaker.IS_OPEN}"),
        "domain_over_budget": (_of(hour, addresses.email_digest(email.rpartition("@")[2])), max(1, budget // 2), ""),
        "mailbox_over_budget": (_of(hour, _mailbox(email)), settings().mail_limit, ""),
    }
    try:
        store.transact(*(_taking(*limit) for limit in limits.values()))
    except ConditionFailedError as refused:
        return "lane_closed" if "closed_at" in (refused.row or {}) else [*limits][refused.index]
    return None


def _of(hour: int, digest: str) -> Row:
    return keys.limit("strangers", f"{hour}#{digest}")


def _mailbox(email: str) -> str:
    """What an address is counted by. Its other spellings, of which anybody can make up many, share a count of their
    own: they use up nothing of the emails to the mailbox as it is mostly written.
    """
    digest = addresses.mailbox_digest(email)
    return digest if digest == addresses.email_digest(email) else f"{digest}#spellings"


def _taking(key: Row, limit: int, condition: str) -> dict[str, Any]:
    return store.updating(
        settings().tokens_table,
        key,
        "SET mails = if_not_exists(mails, :zero) + :one, expires_at = :expires",
        f"(attribute_not_exists(mails) OR mails < :limit){condition}",
        zero=0,
        one=1,
        limit=limit,
        expires=clock.now() + 2 * HOUR,
    )


def take_for_notice(account_id: str, event: Row) -> str | None:
    """Take a notice of the event's kind from what an account gets an hour. None, or `too_many_notices`.

    A lock that follows a lock is told once a day: whoever locks an account again and again has nothing new to tell.
    """
    case = "admin" if "admin" in event else event.get("factor", "any")
    kind = f"{event['type'].replace('.', '_')}_{case}"
    allowance = Allowance(kind, settings().notice_limit, HOUR, _DAY if event["type"] == LOCKED else 0)
    try:
        key = keys.limit("notice", account_id)
        allowances.take(settings().tokens_table, key, allowance, expires=":expires", life=2 * _DAY)
    except TooManyRequestsError:
        return "too_many_notices"
    return None
