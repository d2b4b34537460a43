"""What people are written: one mail an event, as text and as HTML, in English."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from rekey import clients, events
from rekey.settings import mail_settings, settings
from rekey.store import Row

# subject and what it says; `{}` fields are the event's own. What a person did not do is never phrased as theirs.
NOTICES = {
    events.PASSWORD_CHANGED: (
        "Your password was changed",
        "The password of your {issuer} account was changed. You were signed out everywhere else.",
    ),
    events.PASSWORD_RESET: (
        "Your password was reset",
        "A new password was set for your {issuer} account through a mailed link. You were signed out everywhere.",
    ),
    events.TOTP_ENABLED: (
        "Two-factor sign-in is on",
        "From now on, signing in to {issuer} asks for a code from your authenticator app. Keep your recovery codes.",
    ),
    events.TOTP_DISABLED: (
        "Two-factor sign-in is off",
        "Signing in to {issuer} no longer asks for a code: your password alone is enough.",
    ),
    events.RECOVERY_CODE_USED: (
        "A recovery code was used",
        "Somebody signed in to your {issuer} account with a recovery code. Unused codes left: {codes_left}.",
    ),
    events.SESSIONS_REVOKED: (
        "You were signed out",
        "Sessions of your {issuer} account were ended: {scope}.",
    ),
    events.REFRESH_REUSED: (
        "We ended a session of yours",
        "A session of your {issuer} account was used from two places, as happens when it is stolen. We ended it.",
    ),
    events.LOCKED: (
        "Sign-in is locked for a while",
        "Too many wrong attempts ({factor}) were made on your {issuer} account. The lock ends by itself.",
    ),
}


@dataclass(frozen=True)
class Mail:
    """What a mail says, before it is set as text or HTML: what it is about, one button, and the rest."""

    subject: str
    before: tuple[str, ...]
    label: str
    url: str
    after: tuple[str, ...] = ()


def reset(event: Row, token: str) -> Mail:
    return Mail(
        "Set a new password",
        (f"Somebody asked for a new password for your {settings().issuer} account.",),
        "Set a new password",
        _link("reset", token),
        (
            f"The link is good for {_duration(mail_settings().link_life)} and works once.",
            f"Was it not you? Ignore this mail: nothing has changed.{_circumstances(event)}",
        ),
    )


def complete_sign_up(event: Row, token: str) -> Mail:
    return Mail(
        f"Complete your sign-up to {settings().issuer}",
        (f"Choose a password to complete your sign-up to {settings().issuer}.",),
        "Choose a password",
        _link("sign-up/complete", token),
        (
            f"The link is good for {_duration(mail_settings().link_life)} and works once.",
            f"Was it not you? Ignore this mail: no account has been made.{_circumstances(event)}",
        ),
    )


def already_registered(event: Row) -> Mail:
    return Mail(
        f"You already have a {settings().issuer} account",
        (f"Somebody tried to sign up to {settings().issuer} with your address. It has an account: sign in instead.",),
        "Sign in",
        f"{mail_settings().link_origin}/sign-in",
        (f"Was it not you? Ignore this mail: nothing has changed.{_circumstances(event)}",),
    )


def notice(event: Row) -> Mail | None:
    """The mail an event owes its owner; None for an event that owes none."""
    if event["type"] not in NOTICES:
        return None
    subject, text = NOTICES[event["type"]]
    words = {**event, "issuer": settings().issuer}
    if event["type"] == events.SESSIONS_REVOKED:
        words["scope"] = "all of them" if event["scope"] == "all" else "all but the one that asked for it"
    return Mail(
        subject,
        (
            text.format_map(words) + _circumstances(event),
            "Was it not you? Set a new password now: it signs out everyone.",
        ),
        "Set a new password",
        f"{mail_settings().link_origin}/forgot",
    )


def send(mail: Mail, to: str, event_id: str) -> None:
    """Send by SES. A repeat carries the same Message-ID, by which a mail program can tell it is one."""
    message = EmailMessage()
    message["From"] = Address(settings().issuer, addr_spec=mail_settings().mail_from)
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{event_id}@{mail_settings().mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office answers
    message.set_content(as_text(mail))
    message.add_alternative(as_html(mail), subtype="html")
    clients.ses().send_email(
        FromEmailAddress=mail_settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": message.as_bytes()}},
    )


def as_text(mail: Mail) -> str:
    return "\n\n".join([*mail.before, f"{mail.label}:\n{mail.url}", *mail.after, f"-- \n{settings().issuer}"]) + "\n"


_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{subject}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:2em auto;padding:0 1em">
<h1 style="font-size:1.4em">{subject}</h1>
{paragraphs}
<p style="opacity:.7">{issuer}</p>
</body></html>
"""
_BUTTON = (
    '<p><a href="{url}" style="display:inline-block;padding:.7em 1.2em;border-radius:.4em;background:#1d4ed8;'
    'color:#fff;text-decoration:none">{label}</a></p>\n<p style="font-size:.85em;word-break:break-all">{url}</p>'
)


def as_html(mail: Mail) -> str:
    before, after = ([f"<p>{html.escape(text)}</p>" for text in texts] for texts in (mail.before, mail.after))
    button = _BUTTON.format(label=html.escape(mail.label), url=html.escape(mail.url))
    return _PAGE.format(
        subject=html.escape(mail.subject),
        paragraphs="\n".join([*before, button, *after]),
        issuer=html.escape(settings().issuer),
    )


def _link(path: str, token: str) -> str:
    """The token in the fragment: it reaches no server, log or Referer, and no mail scanner's GET can spend it."""
    return f"{mail_settings().link_origin}/{path}#token={token}"


def _circumstances(event: Row) -> str:
    """When and from where. What a program calls itself only if somebody signed in used it: else anybody could have
    words of theirs sent to anybody, from the team's own address.
    """
    at = datetime.fromtimestamp(event["at"], UTC)
    named = f", with {event['client'] or 'an unnamed program'}" if event["pk"].startswith("account#") else ""
    return f" It was on {at.day} {at:%B %Y at %H:%M} UTC, from {event['client_address']}{named}."


def _duration(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds // 60
    if seconds % 3600 == 0:
        return f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{minutes} minutes"
