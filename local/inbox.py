"""The mails that moto's SES was given: as JSON for programs, as a page for people."""

from __future__ import annotations

import email
import email.policy
import html
import re
from datetime import UTC
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

from moto.ses.models import ses_backends

from local.frame import page
from local.template import ACCOUNT, REGION

SHOWN = 50  # on the page, each in a frame of its own: hundreds take a browser longer than anybody waits
_EMPTY = "<p>No emails yet. Sign up, and the email appears here by itself.</p>"
_REST = '<p>These are the newest {}. <a href="/_local/inbox.json">All {} are here</a>, as JSON.</p>'
_URL = re.compile(r"https?://\S+")


def mails() -> list[dict[str, Any]]:
    """Every mail sent, newest first."""
    return [_mail(sent.raw_data) for sent in reversed(ses_backends[ACCOUNT][REGION].sent_messages)]


@cache
def _mail(raw: str) -> dict[str, Any]:
    message = email.message_from_string(raw, policy=email.policy.default)
    text = _part(message, "plain")
    sent_at = parsedate_to_datetime(message["Date"]).astimezone(UTC)
    return {
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "text": text,
        "html": _part(message, "html"),
        "links": _URL.findall(text),
        "sent_at": f"{sent_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def inbox_page() -> bytes:
    found = mails()
    shown = "".join(map(_article, found[:SHOWN])) or _EMPTY
    if len(found) > SHOWN:
        shown += _REST.format(SHOWN, len(found))
    return page("Inbox", f'<h1>Inbox</h1><div id="mails" data-count="{len(found)}">{shown}</div>', script="inbox.js")


def _article(mail: dict[str, Any]) -> str:
    links = "".join(
        f'<li><a href="{html.escape(link)}" target="_blank" rel="noopener">{html.escape(link)}</a></li>'
        for link in mail["links"]
    )
    # A frame without scripts: what a mail holds cannot act here. Its links open beside it.
    framed = html.escape('<base target="_blank">' + mail["html"])
    return f"""<article>
<header><h2>{html.escape(mail["subject"])}</h2>
<p>To <strong>{html.escape(mail["to"])}</strong> <time>{mail["sent_at"]}</time></p></header>
<ul class="links">{links}</ul>
<iframe title="{html.escape(mail["subject"])}" srcdoc="{framed}" loading="lazy"
 sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>
<details><summary>As text</summary><pre>{html.escape(mail["text"])}</pre></details>
</article>"""
