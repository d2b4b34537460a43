"""Opaque tokens."""

import re

import pytest

from rekey.ids import new_id
from rekey.sessions import tokens
from rekey.sessions.tokens import ACCESS, CHALLENGE, REFRESH, RESET, SIGN_UP, derive_token, issue_token, parse_token

TOKEN = issue_token(ACCESS, new_id(), new_id())
TEXT = str(TOKEN)


def test_form() -> None:
    """A prefix that secret scanners know, two ids, 256 random bits and a checksum, with nothing a URL would escape."""
    assert re.fullmatch(r"rka_[0-9a-f]{28}\.[0-9a-f]{28}\.[\w-]{43}\.[0-9a-f]{8}", TEXT)


@pytest.mark.parametrize("purpose", [ACCESS, REFRESH, CHALLENGE, RESET, SIGN_UP])
def test_read_back(purpose: str) -> None:
    """What was issued is read back, for its own purpose and for no other."""
    token = issue_token(purpose, new_id(), new_id())

    assert parse_token(purpose, str(token)) == token
    for other in {ACCESS, REFRESH, CHALLENGE, RESET, SIGN_UP} - {purpose}:
        assert parse_token(other, str(token)) is None


@pytest.mark.parametrize("at", range(len(TEXT)))
def test_mistyped(at: int) -> None:
    """One wrong character anywhere is noticed without asking the database."""
    wrong = "0" if TEXT[at] != "0" else "1"

    assert parse_token(ACCESS, TEXT[:at] + wrong + TEXT[at + 1 :]) is None


@pytest.mark.parametrize("length", range(len(TEXT)))
def test_truncated(length: int) -> None:
    """A token cut short anywhere is none."""
    assert parse_token(ACCESS, TEXT[:length]) is None


@pytest.mark.parametrize("text", [TEXT + "0", TEXT + "\n", " " + TEXT, TEXT.upper(), TEXT * 2, "\0", "é", "٣" * 119])
def test_garbage(text: str) -> None:
    """Neither is anything that merely holds one, nor text of any other kind."""
    assert parse_token(ACCESS, text) is None


def test_another_purpose_with_its_own_checksum() -> None:
    """A prefix exchanged and the checksum made anew parses, but its digest is another, so it matches no row."""
    forged = tokens.Token(REFRESH, TOKEN.owner, TOKEN.token_id, TOKEN.secret)

    assert parse_token(REFRESH, str(forged)) == forged
    assert not forged.matches(TOKEN.digest())


def test_repr_shows_no_secret() -> None:
    """A token that gets into a log or a traceback gives nothing away."""
    assert TOKEN.secret not in repr(TOKEN)
    assert TOKEN.secret not in f"{[TOKEN]} {TOKEN!r}"


def test_matches() -> None:
    """A token matches its digest; none matches another's or an absent one."""
    assert TOKEN.matches(TOKEN.digest())
    assert not TOKEN.matches(issue_token(ACCESS, TOKEN.owner, TOKEN.token_id).digest())
    assert not TOKEN.matches(None)


def test_never_the_same() -> None:
    """Two tokens issued for the same session differ."""
    assert issue_token(ACCESS, TOKEN.owner, TOKEN.token_id) != issue_token(ACCESS, TOKEN.owner, TOKEN.token_id)


def test_derived() -> None:
    """The successor is always the same one, another for each purpose, salt and parent, and reads back."""
    parent, salt = issue_token(REFRESH, new_id(), new_id()), b"s" * 32
    successor = derive_token(REFRESH, parent, salt)
    others = [
        derive_token(ACCESS, parent, salt),
        derive_token(REFRESH, parent, b"t" * 32),
        derive_token(REFRESH, successor, salt),
        parent,
    ]

    assert derive_token(REFRESH, parent, salt) == successor
    assert successor.secret not in {other.secret for other in others}
    assert parse_token(REFRESH, str(successor)) == successor
