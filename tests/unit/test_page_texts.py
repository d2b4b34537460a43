"""The pages' texts: short sentences, and our words for things."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from local.template import ROOT
from rekey.languages.locale import locale
from rekey.languages.preference import LANGUAGES
from tests.prose import too_long, words_forbidden

PAGES = sorted((ROOT / "web/pages").glob("*.html"))
_TITLE = re.compile(r"{% block title %}(.*?){% endblock %}", re.DOTALL)
of_each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def texts(page: Path) -> list[str]:
    """What a page marks for translation, in English."""
    marked = [text for _, text, _, _ in extract_from_file("jinja2", page)]
    return [form for text in marked for form in ([text] if isinstance(text, str) else text)]


def test_there_are_texts() -> None:
    """Or what follows would find nothing wrong with anything."""
    assert len({text for page in PAGES for text in texts(page)}) > 100


@of_each_page
def test_an_email_is_called_email(page: Path) -> None:
    """Neither "mail" nor "e-mail" stands on an English page."""
    assert {text: words_forbidden(text) for text in texts(page) if words_forbidden(text)} == {}


@of_each_page
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(page: Path, language: str) -> None:
    """At most 25 words, in each language."""
    said = [locale(language).texts.gettext(text) for text in texts(page)]

    assert [sentence for text in said for sentence in too_long(text)] == []


def test_titles_of_pages_differ() -> None:
    """No two pages have the same title, by which tabs are told apart."""
    titles = [title for page in PAGES for title in _TITLE.findall(page.read_text()) if title]

    assert len(titles) > 8
    assert sorted({*titles}) == sorted(titles)
