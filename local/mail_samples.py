"""Every mail there is, with made-up facts: for the preview and for the tests."""

from __future__ import annotations

from rekey.accounts.events import (
    ACCOUNT_DELETED,
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    EMAIL_VERIFICATION_REQUESTED,
    RECOVERY_CODE_USED,
    RESET_REQUESTED,
    SIGN_UP_REQUESTED,
)
from rekey.aws.store import Row
from rekey.languages.locale import locale
from rekey.mail import mails, notices
from rekey.mail.mails import Mail

AT = 1_800_000_000
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
ADMIN = "arn:aws:iam::123456789012:user/ada"
CODES_LEFT = (9, 2, 1, 0)


def sample_event(kind: str, client: str = FIREFOX, **detail: str | int) -> Row:
    """As notify gets it."""
    made = {"pk": "account#id", "event_id": "id", "type": kind, "at": AT, "email": "alice@example.com"}
    return {**made, "client": client, "client_address": "192.0.2.0/24", **detail}


def sample_mails(language: str, client: str = FIREFOX) -> dict[str, Mail]:
    """By a name for each. No token stands in a link, but a word in its place."""
    words = locale(language)
    asked, forgot = sample_event(SIGN_UP_REQUESTED, client), sample_event(RESET_REQUESTED, client)
    found = {
        "sign-up": mails.complete_sign_up(words, asked, "the-token"),
        "registered": mails.already_registered(words, asked),
        "reset": mails.reset(words, forgot, "the-token"),
        "reset admin": mails.reset(words, {**forgot, "admin": ADMIN}, "the-token"),
        "verify": mails.verify_email(words, sample_event(EMAIL_VERIFICATION_REQUESTED, client), "the-token"),
    }
    for kind, told in notices.NOTICES.items():
        for left in CODES_LEFT if kind == RECOVERY_CODE_USED else (None,):
            detail = {} if left is None else {"codes_left": left}
            event = sample_event(kind.split()[0], client, **detail, **_by_admin(kind))
            found[f"{kind} {'' if left is None else left}".strip()] = mails.notice(words, event, told)
    return found


def _by_admin(kind: str) -> dict[str, str]:
    """What only admins do."""
    only = kind.endswith(" admin") or kind in {ACCOUNT_DISABLED, ACCOUNT_ENABLED, ACCOUNT_DELETED}
    return {"admin": ADMIN, "reason": "Ticket 4711"} if only else {}
