"""The mails as a person sees them, and pictures of each."""

from __future__ import annotations

import html
import re
import shutil

import pytest

from rekey.languages.preference import LANGUAGES
from tests.browser.conftest import NewPerson
from tests.browser.looks import NARROW, PICTURES, SCHEMES, axe_finds, take_picture, wider_than
from tests.browser.person import Person

WIDTH = 640  # of a pane that shows mails
WCAG = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")  # a mail is no page: it needs no landmarks
_MAIL = re.compile(r'<code>([^<]*)</code>.*?srcdoc="([^"]*)"', re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_can_be_read(new_person: NewPerson, language: str) -> None:
    """No mail is wider than a phone; light or dark, axe finds nothing in it; it loads nothing."""
    person = new_person(language)
    page = person.page
    loaded: list[str] = []
    found: dict[str, list[str]] = {}
    shutil.rmtree(PICTURES / "mails" / language, ignore_errors=True)
    mails = _MAIL.findall(person.instance.page(f"/_local/mails/{language}"))
    page.on("request", lambda request: loaded.append(request.url))
    for name, source in mails:
        page.set_content(html.unescape(source))
        found[name] = wider_than(page, NARROW)
        for scheme, width in zip(SCHEMES, (WIDTH, NARROW), strict=True):
            page.set_viewport_size({"width": width, "height": 700})
            found[name] += axe_finds(page, scheme, rules=WCAG)
            take_picture(page, f"mails/{language}/{name}", scheme, width)
    assert len(mails) > 10
    assert {name: what for name, what in found.items() if what} == {}
    assert loaded == []


@pytest.mark.parametrize("path", ["", "inbox", "mails/en", "api"])
def test_the_pages_of_one_machine(person: Person, path: str) -> None:
    """What `make run` adds (start, inbox, mails, API) is found well by axe, too, and fits a narrow screen."""
    person.email = f"{'a' * 40}{person.email}"  # wider than that screen is
    person.sign_up()
    person.open(f"/_local/{path}")
    assert [each for scheme in SCHEMES for each in axe_finds(person.page, scheme, rules=WCAG)] == []
    assert wider_than(person.page, NARROW) == []
