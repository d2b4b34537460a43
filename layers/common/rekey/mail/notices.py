"""Which notice an event owes its owner, and what it says of recovery codes."""

from __future__ import annotations

from rekey.accounts.event_types import EVENT_TYPES, Notice
from rekey.aws.store import Row
from rekey.languages.locale import Locale

FEW_CODES = 2


def find(event: Row) -> Notice | None:
    """What the event's owner is told; None if nothing, or if a newer release wrote the event."""
    kind = EVENT_TYPES.get(event["type"])
    if not kind:
        return None
    cases = ["admin"] if "admin" in event else [event.get(name) for name in kind.choices()]
    notices = kind.notices()
    return next((notices[case] for case in [*cases, ""] if case in notices), None)


def codes_left(locale: Locale, number: int) -> str:
    """Of recovery codes. Whoever has few must hear it while they can still make new ones."""
    if number == 0:
        return locale.gettext(
            "That was your last recovery code. Get new ones now. Without one, you can't sign in if you lose your phone."
        )
    left = locale.ngettext("You have {number} unused code left.", "You have {number} unused codes left.", number)
    if number > FEW_CODES:
        return left
    advice = locale.gettext("Get new recovery codes soon. Without one, you can't sign in if you lose your phone.")
    return f"{left} {advice}"
