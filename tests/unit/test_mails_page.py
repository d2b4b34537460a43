"""The preview of the mails that the local instance has."""

from __future__ import annotations

import html

import pytest

from local.mail_samples import sample_mails
from local.mails_page import mails_page
from local.pages import LocalPages
from local.server import Received
from rekey.languages.preference import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("stack")
def test_every_mail_is_shown(language: str) -> None:
    """A language's page shows each of its mails, as HTML in a frame without scripts and as text, with no token."""
    received = Received("GET", f"/_local/mails/{language}", "", [], b"", "127.0.0.1")
    sent = LocalPages("http://localhost:3000", {}).answer(received)
    assert sent
    page = sent.body.decode()
    found = sample_mails(language)

    assert [name for name in found if f"<code>{name}</code>" not in page] == []
    assert page.count("<iframe ") == page.count('sandbox="allow-popups"') == len(found)
    assert [mail.subject for mail in found.values() if html.escape(mail.subject) not in page] == []
    assert "rkp_" not in page


@pytest.mark.usefixtures("stack")
def test_languages_are_linked() -> None:
    """From each language's page the others are one click away."""
    for language in LANGUAGES:
        page = mails_page(language).decode()
        assert [each for each in LANGUAGES if f'href="/_local/mails/{each}"' not in page] == []
