"""Every mail there is, with made-up facts: for the preview and for the tests."""

from __future__ import annotations

from rekey.accounts.event_types import (
    EMAIL_VERIFICATION_REQUESTED,
    EVENT_TYPES,
    RESET_REQUESTED,
    SIGN_UP_REQUESTED,
    EventType,
)
from rekey.aws.store import Row
from rekey.languages.locale import locale
from rekey.mail import mails
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
    for kind, entry in EVENT_TYPES.items():
        for case, told in entry.notices().items():
            for left in CODES_LEFT if "codes_left" in entry.members() else ("",):
                detail: dict[str, str | int] = {"codes_left": left} if left != "" else {}
                if "application" in entry.members():
                    detail["application"] = "Orders"
                event = sample_event(kind, client, **detail, **_by_admin(entry, case))
                found[" ".join(f"{kind} {case} {left}".split())] = mails.notice(words, event, told)
    return found


def _by_admin(entry: EventType, case: str) -> dict[str, str]:
    """Who did it and why, where that was an admin."""
    always = any("admin" in members.schemas and not members.condition for members in entry.adds)
    return {"admin": ADMIN, "reason": "Ticket 4711"} if always or case == "admin" else {}
