"""The preview of every email in a language, as they are sent but to nobody: their links hold no token."""

from __future__ import annotations

import html

from local.frame import page
from local.mail_samples import sample_mails
from rekey.languages.preference import LANGUAGES
from rekey.mail.mails import Mail
from rekey.mail.sender import render

_NAMES = {"en": "English", "sv": "Svenska", "fr": "Français"}


def path(language: str) -> str:
    return f"/_local/mails/{language}"


def mails_page(language: str) -> bytes:
    links = " ".join(
        f'<a href="{path(each)}" lang="{each}"{" aria-current=page" * (each == language)}>{_NAMES[each]}</a>'
        for each in LANGUAGES
    )
    shown = "".join(_article(name, mail) for name, mail in sample_mails(language).items())
    return page("Emails", f"<h1>Emails</h1><p>Every email, in: {links}</p>{shown}")


def _article(name: str, mail: Mail) -> str:
    # As in the inbox: no scripts, and links open beside it.
    framed = html.escape('<base target="_blank">' + render(mail, "html"))
    subject = html.escape(mail.subject)
    return f"""<article lang="{mail.locale.language}">
<header><h2>{subject}</h2><p lang="en"><code>{html.escape(name)}</code></p></header>
<iframe title="{subject}" srcdoc="{framed}" loading="lazy" sandbox="allow-popups" style="height:42em"></iframe>
<details><summary lang="en">As text</summary><pre>{html.escape(render(mail, "txt"))}</pre></details>
</article>"""
