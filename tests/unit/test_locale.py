"""Languages: which one a person reads, its catalogue, and how it writes numbers and dates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from local import texts
from rekey.languages.locale import CATALOGUES, locale
from rekey.languages.preference import LANGUAGES, SOURCE, choose, find_asked

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

AT = 1_800_000_000  # 15 January 2027, 08:00 UTC
FIELD = re.compile(r"\{\w*\}|%\(\w+\)s")


@pytest.fixture(scope="module")
def marked() -> Catalog:
    """Every text that code and templates mark."""
    return texts.extract(*texts.FOLDERS)


def forms(texts: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [texts] if isinstance(texts, str) else [*(texts or ())]


def messages(catalogue: Catalog) -> dict[str, Message]:
    """By the source text; the header is none."""
    return {forms(message.id)[0]: message for message in catalogue if message.id}


@pytest.fixture(params=sorted({*LANGUAGES} - {SOURCE}))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def test_a_catalogue_a_language() -> None:
    """Each language but the source's has a catalogue, and each catalogue is of a language."""
    assert {path.stem for path in CATALOGUES.iterdir()} == {*LANGUAGES} - {SOURCE}


def test_catalogue_is_current(language: str, marked: Catalog) -> None:
    """A catalogue has the texts that are marked, their plurals too, in their order, and no other."""
    committed = CATALOGUES / f"{language}.po"
    is_current = texts.bring_up_to_date(committed, marked) == committed.read_text()

    assert is_current, "run make texts, then translate what is empty"


def test_texts_are_found_wherever_they_are_marked(tmp_path: Path) -> None:
    """A text is found in code and templates: translated on the spot, or later (`N_`), or by a number."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package/table.py").write_text("TITLE = N_('Later' ' on'), ngettext('{n} code', '{n} codes', n)")
    (tmp_path / "mail.txt").write_text("{{ _('In a mail') }}")
    (tmp_path / "page.html").write_text("{{ _('On a page') }}, {{ name }}")

    found = [message.id for message in texts.extract(tmp_path) if message.id]
    assert found == ["In a mail", "On a page", "Later on", ("{n} code", "{n} codes")]


def test_every_text_is_translated(language: str, catalogue: Catalog) -> None:
    """Each text has its translation, in all forms, approved."""
    for source, message in messages(catalogue).items():
        translated, here = forms(message.string), f"translate it in {CATALOGUES.name}/{language}.po: {source}"
        assert not message.fuzzy, here
        assert all(translated), here
        assert len(translated) == (catalogue.num_plurals if message.pluralizable else 1), here


def test_fields_agree(catalogue: Catalog) -> None:
    """A translation has the fields of its source, each of them and no other."""
    for source, message in messages(catalogue).items():
        for translated in filter(None, forms(message.string)):
            assert sorted(FIELD.findall(translated)) == sorted(FIELD.findall(source)), source


def test_signs_are_those_of_print(language: str, catalogue: Catalog) -> None:
    """Apostrophes are typographic; in French what stands before ? ! : ; is a space at which no line breaks."""
    for source, message in messages(catalogue).items():
        for translated in forms(message.string):
            assert "'" not in translated, source
            assert language != "fr" or not re.search(
                r"(?<![\u00a0\u202f])[?!;]|[^\u00a0\u202f]:(?=\s|$)", translated
            ), source


@pytest.mark.parametrize(
    ("language", "zero", "one", "two"),
    [
        ("en", "You have 0 unused codes left.", "You have 1 unused code left.", "You have 2 unused codes left."),
        ("sv", "Du har 0 oanvända koder kvar.", "Du har 1 oanvänd kod kvar.", "Du har 2 oanvända koder kvar."),
        (
            "fr",
            "Il vous reste 0 code non utilisé.",
            "Il vous reste 1 code non utilisé.",
            "Il vous reste 2 codes non utilisés.",
        ),
    ],
)
def test_plurals(language: str, zero: str, one: str, two: str) -> None:
    """The form of none, of one and of two is the language's own."""
    texts = ("You have {number} unused code left.", "You have {number} unused codes left.")

    assert [locale(language).ngettext(*texts, number) for number in (0, 1, 2)] == [zero, one, two]


@pytest.mark.parametrize(
    ("language", "time"),
    [
        ("en", "15 January 2027 at 08:00 UTC"),
        ("sv", "15 januari 2027 kl. 08:00 UTC"),
        ("fr", "15 janvier 2027 à 08:00 UTC"),
    ],
)
def test_times(language: str, time: str) -> None:
    """A time is written as the language writes it, and says that it is UTC."""
    assert locale(language).time(AT) == time


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (300, ["5 minutes", "5 minuter", "5 minutes"]),
        (60, ["1 minute", "1 minut", "1 minute"]),
        (61, ["2 minutes", "2 minuter", "2 minutes"]),
        (3600, ["1 hour", "1 timme", "1 heure"]),
        (5400, ["90 minutes", "90 minuter", "90 minutes"]),
        (86400, ["24 hours", "24 timmar", "24 heures"]),
    ],
)
def test_durations(seconds: int, written: list[str]) -> None:
    """A duration is in whole hours or else in minutes, never less than it is."""
    assert [locale(language).duration(seconds).replace("\u00a0", " ") for language in ("en", "sv", "fr")] == written


@pytest.mark.parametrize(
    ("preferred", "accept_language", "chosen"),
    [
        (None, "", "en"),
        ("sv", "fr", "sv"),
        ("sv-FI", "", "sv"),
        ("FR_ca", "", "fr"),
        ("de", "fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        (None, "de, en;q=0.5, sv;q=0.7", "sv"),
        (None, "sv;q=0, fr;q=0.1", "fr"),
        (None, "SV-se;q=1.000", "sv"),
        (None, "*", "en"),
        (None, "sv;q=banana, ;;, \r\nfr", "fr"),
        (None, "x" * 5000 + ",sv", "en"),
        ("../../etc/passwd", "", "en"),
    ],
)
def test_language_of_a_person(preferred: str | None, accept_language: str, chosen: str) -> None:
    """What a person named comes first, then what their browser takes, the dearest first, then English."""
    assert choose(preferred, accept_language) == chosen


@pytest.mark.parametrize(
    ("named", "accept_language", "asked"),
    [
        ("sv-FI", "fr", "sv-FI"),
        ("de", "fr", "de"),
        (None, "de, fr;q=0.5", "fr"),
        (None, "de", None),
        (None, "*", None),
        (None, "", None),
    ],
)
def test_language_of_a_request(named: str | None, accept_language: str, asked: str | None) -> None:
    """What a request names is kept as it is; of its header, only a language that we have; else it says nothing."""
    assert find_asked(named, accept_language) == asked


def test_a_text_of_no_catalogue_is_shown_as_it_is() -> None:
    """What no catalogue has is shown in English, and never as nothing."""
    assert locale("sv").gettext("No such text for {name}", name="{x}") == "No such text for {x}"
