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
    asked = _("Someone asked to reset the password of your {issuer} account.", issuer=issuer)
    if "admin" in event:
        asked = _("{issuer} support requested this link so that you can set a new password.", issuer=issuer)
    return Mail(
        event["type"],
        locale,
        _("Set a new password"),
        (asked,),
        _("Set a new password"),
        _link("reset", token),
        (_link_life(locale), _("If this wasn't you, ignore this email. Nothing has changed.")),
        _circumstances(locale, event),
    )


def complete_sign_up(locale: Locale, event: Row, token: str) -> Mail:
    _, issuer = locale.gettext, settings().issuer
    return Mail(
        event["type"],
        locale,
        _("Finish signing up for {issuer}", issuer=issuer),
        (_("Choose a password to finish signing up for {issuer}.", issuer=issuer),),
        _("Choose a password"),
        _link("sign-up/complete", token),
        (_link_life(locale), _("If this wasn't you, ignore this email. No account was created.")),
        _circumstances(locale, event),
    )


def verify_email(locale: Locale, event: Row, token: str) -> Mail:
    """To a stopped address. Its advice names the button first: until it is used, no link for a new password is sent."""
    _, issuer = locale.gettext, settings().issuer
    return Mail(
        event["type"],
        locale,
        _("Confirm you receive our emails"),
        (
            _(
                "Emails from {issuer} to you bounced or were marked as spam, so we stopped sending them. If you can "
                "read this, confirm that you receive them.",
                issuer=issuer,
            ),
        ),
        _("Confirm"),
        _link("email/verify", token),
        (_link_life(locale), _("If this wasn't you, confirm first, then set a new password. Every session will end.")),
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
                "Someone tried to sign up for {issuer} with your email address. You already have an account, so sign "
                "in instead.",
                issuer=issuer,
            ),
        ),
        _("Sign in"),
        f"{settings().link_origin}/sign-in",
        (
            _("If you forgot your password, you can reset it from the sign-in page."),
            _("If this wasn't you, ignore this email. Nothing has changed."),
        ),
        _circumstances(locale, event),
    )


def notice(locale: Locale, event: Row, told: Notice) -> Mail:
    """What happened, and what to do if it was not them: as a rule, a new password helps."""
    _ = locale.gettext
    fields = {
        "issuer": settings().issuer,
        "lock": locale.duration(settings().attempt_period),
        "application": event.get("application", ""),
    }
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
        "The link expires in {duration} and works once.", duration=locale.duration(settings().link_life)
    )


def _circumstances(locale: Locale, event: Row) -> dict[str, str]:
    """When, from where, and with what, in words of ours alone: the name a program gives itself is never quoted, or
    anybody could have words of theirs sent to anybody, from the team's own address. An admin stays without a name.
    """
    _ = locale.gettext
    if "admin" in event:
        return {_("When"): locale.time(event["at"]), _("By"): _("an administrator")}
    return {
        _("When"): locale.time(event["at"]),
        _("Network address"): event["client_address"],
        _("Program"): programs.describe(event["client"]) or _("an unknown program"),
    }
