"""What judges our texts sees what it should, and nothing else."""

from __future__ import annotations

import pytest

from tests.prose import sentences, too_long, words_forbidden

WORDS = ["word"] * 25


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four…", ["One.", "Two!", "Three?", "Four…"]),
        ("Wait 1.5 s at a.b@example.com, please.", ["Wait 1.5 s at a.b@example.com, please."]),
        ("A heading\n\nA line\nthat goes on.", ["A heading", "A line that goes on."]),
        ("Run `make x. Now` first. Then ```a. b.``` too.", ["Run code first.", "Then code too."]),
        ("(“Is it?” Yes.) So it is.", ["(“Is it?", "Yes.", "So it is."]),
        (" \n\n ", []),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    """A stop before a space ends a sentence, and so does a blank line; what stands in backticks is code."""
    assert sentences(text) == found


@pytest.mark.parametrize(
    ("text", "long"),
    [
        (" ".join(WORDS) + ".", False),
        (" ".join([*WORDS, "more"]) + ".", True),
        (" ".join([*WORDS, "·", "/"]) + ".", False),
        (" ".join([*WORDS, "{count}"]) + ".", True),
        (" ".join(WORDS) + ". " + " ".join(WORDS), False),
    ],
)
def test_length(text: str, *, long: bool) -> None:
    """Up to 25 words are a sentence that is read at once; signs alone are no words."""
    assert bool(too_long(text)) == long


@pytest.mark.parametrize("text", ["A mail.", "Mails, too", "E-mail address", "(mailed)", "we mend it", "e-mails: two"])
def test_words_that_are_forbidden(text: str) -> None:
    """However they are written, and whatever sign follows."""
    assert len(words_forbidden(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["An email.", "We've emailed you", "`mail_stopped`", "AlarmMail", "mail@example.com", "rekey/mail/x", "amend"],
)
def test_words_that_are_not(text: str) -> None:
    """Code, addresses and paths are no prose, and a word that holds another is not that word."""
    assert words_forbidden(text) == []
