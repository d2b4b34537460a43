"""Sets a mail as text and HTML, and sends it by SES."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from rekey.aws import sdk
from rekey.mail.lanes import Lane
from rekey.mail.mails import Mail
from rekey.pages import brand
from rekey.settings import settings

_SEVEN_BITS = "quoted-printable"  # what SES takes (RFC 5321 §2.4), in lines of 76


def send(mail: Mail, to: str, event_id: str, lane: Lane) -> None:
    """A repeat carries the same Message-ID, by which a mail program can tell it is one.

    SES tells feedback the tags: by its lane it is counted what becomes of an email.
    """
    configurations = {"owners": settings().owners_configuration, "strangers": settings().strangers_configuration}
    tags = {"kind": mail.kind.replace(".", "-"), "lane": lane}  # SES takes no full stop there
    sdk.ses().send_email(
        FromEmailAddress=settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={"Raw": {"Data": compose(mail, to, event_id).as_bytes()}},
        ConfigurationSetName=configurations[lane],
        EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
    )


def compose(mail: Mail, to: str, event_id: str) -> EmailMessage:
    """Raises ValueError for an address that would begin a header of its own."""
    message = EmailMessage()
    message["From"] = Address(settings().issuer, addr_spec=settings().mail_from)
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{event_id}@{settings().mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office answers
    message.set_content(render(mail, "txt"), cte=_SEVEN_BITS)
    message.add_alternative(render(mail, "html"), subtype="html", cte=_SEVEN_BITS)
    message["Content-Language"] = mail.locale.language  # last: a second part takes what is of content along
    return message


def render(mail: Mail, form: str) -> str:
    color = settings().brand_color
    return (
        _templates()
        .get_template(f"mail.{form}")
        .render(
            mail=mail,
            _=mail.locale.gettext,
            issuer=settings().issuer,
            support=settings().support_url,
            color=color,
            ink=brand.text_on(color),
        )
    )


@cache
def _templates() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(
        loader=folder,
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
