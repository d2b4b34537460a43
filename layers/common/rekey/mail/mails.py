"""What people are written: each mail in their language, about one thing and with one link."""

from __future__ import annotations

from dataclasses import dataclass

from rekey.accounts.event_types import Notice
from rekey.api import programs
from rekey.aws.store import Row
from rekey.languages.locale import Locale
from rekey.mail import notices
from rekey.settings import settings


@dataclass(frozen=True)
class Mail:
    """What a mail says, before it is set as text or HTML: what it is about, one button, and the rest."""

    kind: str
    locale: Locale
    subject: str
    before: tuple[str, ...]
    label: str
    url: str
    after: tuple[str, ...]
    facts: dict[str, str]


def reset(locale: Locale, event: Row, token: str) -> Mail:
    _, issuer = locale.gettext, settings().issuer
    asked = _("Somebody asked for a new password for your {issuer} account.", issuer=issuer)
    if "admin" in event:
        asked = _("Support at {issuer} asked for this link, so that you can set a new password.", issuer=issuer)
    return Mail(
        event["type"],
        locale,
        _("Set a new password"),
        (asked,),
        _("Set a new password"),
        _link("reset", token),
        (_link_life(locale), _("Was it not you? Ignore this mail: nothing has changed.")),
        _circumstances(locale, event),
    )


def complete_sign_up(locale: Locale, event: Row, token: str) -> Mail:
    _, issuer = locale.gettext, settings().issuer
    return Mail(
        event["type"],
        locale,
        _("Complete your sign-up to {issuer}", issuer=issuer),
        (_("Choose a password to complete your sign-up to {issuer}.", issuer=issuer),),
        _("Choose a password"),
        _link("sign-up/complete", token),
        (_link_life(locale), _("Was it not you? Ignore this mail: no account has been made.")),
        _circumstances(locale, event),
    )


def verify_email(locale: Locale, event: Row, token: str) -> Mail:
    _, issuer = locale.gettext, settings().issuer
    return Mail(
        event["type"],
        locale,
        _("Do our mails reach you again?"),
        (
            _(
                "Mails from {issuer} to you came back or were marked as spam, so we stopped sending them. If you can "
                "read this, they reach you again.",
                issuer=issuer,
            ),
        ),
        _("Our mails reach me"),
        _link("email/verify", token),
        (_link_life(locale), _("Was it not you? Set a new password now: it signs out everyone else.")),
        _circumstances(locale, event),
    )


def already_registered(locale: Locale, event: Row) -> Mail:
    _, issuer = locale.gettext, settings().issuer
    return Mail(
        f"{event['type']}.registered",
        locale,
        _("You already have a {issuer} account", issuer=issuer),
        (
            _(
                "Somebody tried to sign up to {issuer} with your address. It has an account: sign in instead.",
                issuer=issuer,
            ),
        ),
        _("Sign in"),
        f"{settings().link_origin}/sign-in",
        (
            _("Have you forgotten your password? Set a new one from the sign-in page."),
            _("Was it not you? Ignore this mail: nothing has changed."),
        ),
        _circumstances(locale, event),
    )


def notice(locale: Locale, event: Row, told: Notice) -> Mail:
    """What happened, and what to do if it was not them: as a rule, a new password helps."""
    _ = locale.gettext
    fields = {"issuer": settings().issuer, "lock": locale.duration(settings().attempt_period)}
    codes = (notices.codes_left(locale, int(event["codes_left"])),) if "codes_left" in event else ()
    return Mail(
        event["type"],
        locale,
        _(told.subject, **fields),
        (_(told.text, **fields), *codes, _(told.advice, **fields)),
        _(told.button),
        f"{settings().link_origin}/{told.page}",
        (),
        _circumstances(locale, event),
    )


def _link(path: str, token: str) -> str:
    """The token in the fragment: it reaches no server, log or Referer, and no mail scanner's GET can spend it."""
    return f"{settings().link_origin}/{path}#token={token}"


def _link_life(locale: Locale) -> str:
    return locale.gettext(
        "The link is good for {duration} and works once.", duration=locale.duration(settings().link_life)
    )


def _circumstances(locale: Locale, event: Row) -> dict[str, str]:
    """When, from where, and with what, in words of ours alone: the name a program gives itself is never quoted, or
    anybody could have words of theirs sent to anybody, from the team's own address. An admin stays without a name.
    """
    _ = locale.gettext
    if "admin" in event:
        return {_("When"): locale.time(event["at"]), _("By"): _("an administrator")}
    facts = {
        _("When"): locale.time(event["at"]),
        _("Network address"): event["client_address"],
        _("Program"): programs.describe(event["client"]),
    }
    return {name: fact for name, fact in facts.items() if fact}
