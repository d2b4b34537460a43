"""Documents, emails and refusals are plain English as far as a program can judge it (CONTRIBUTING.md, "Write")."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.mail_samples import sample_mails
from local.template import ROOT
from rekey.api.errors import RekeyError
from rekey.languages.preference import LANGUAGES, SOURCE
from rekey.mail.mails import Mail
from tests import prose

# The change log is history.
DOCUMENTS = sorted(each for each in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if each.name != "CHANGELOG.md")
CONTRACTION = re.compile(
    r"\b\w+(?:n['\u2019]t|['\u2019](?:re|ve|ll|m|d))\b|\b(?:it|that|there|here|what|who|let|he|she)['\u2019]s\b",
    re.IGNORECASE,
)
# Names with commas between them are no sentence, however many; nor are those in brackets behind a name.
_CODE = r"`[^`\n]+`(?: \((?:`[^`\n]+`[,;]? ?)+\))?"
_LISTED_CODE = re.compile(rf"{_CODE}(?:(?:[,;]? or | and |, and |[,;] ){_CODE})*")
APHORISMS = {
    *("Coming and going", "Leaving", "Listening", "Looking after accounts", "Going back", "How they come"),
    *("How the version rises", "Stopped and run again", "What is never in one", "Who may do what", "Mails"),
}


def prose_of(document: Path) -> str:
    """What is read as sentences: no code, table or address; each heading and each item of a list by itself."""
    text = re.sub(r"^ *```.*?^ *```$|<!--.*?-->", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(?:#+ .*|\s*(?:[-*]|\d+\.) )", r"\n\n\g<0>\n\n", text, flags=re.MULTILINE)
    return _LISTED_CODE.sub("`x`", without_addresses(text))


def without_addresses(text: str) -> str:
    return re.sub(r"https?://\S+", "", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text))


def words_of(mail: Mail) -> str:
    return "\n\n".join([mail.subject, *mail.before, mail.label, *mail.after, *mail.facts])


def refusals(of: type[RekeyError] = RekeyError) -> list[type[RekeyError]]:
    """Every class that has a code, and so a title."""
    return [each for sub in of.__subclasses__() for each in ([sub] if "code" in vars(sub) else []) + refusals(sub)]


@pytest.fixture(params=DOCUMENTS, ids=lambda each: str(each.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_sentences_are_short(document: Path) -> None:
    """A sentence of a document makes one claim, in 25 words at most."""
    assert prose.too_long(prose_of(document)) == []


def test_words(document: Path) -> None:
    """Also in tables, an email is an email; and nothing is contracted."""
    text = without_addresses(re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL))

    assert prose.words_forbidden(text) == []
    assert CONTRACTION.findall(text) == []


def test_headings_name_tasks_or_things(document: Path) -> None:
    """Not aphorisms: these have been."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)

    assert {*headings} & APHORISMS == set()


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_emails(language: str) -> None:
    """The sentences of every email are short in every language, and English ones call it an email."""
    for name, mail in sample_mails(language).items():
        assert prose.too_long(words_of(mail)) == [], name
        assert language != SOURCE or prose.words_forbidden(words_of(mail)) == [], name


@pytest.mark.parametrize("refusal", refusals())
def test_refusals(refusal: type[RekeyError]) -> None:
    """A title is short and plain."""
    assert prose.too_long(refusal.title) == []
    assert prose.words_forbidden(refusal.title) == []
    assert not CONTRACTION.search(refusal.title)
