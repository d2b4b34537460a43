"""The files that an import reads: what is a row, on which line, and what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rekey_admin import import_files
from rekey_admin.errors import UsageError
from tests.foreign_hashes import FIREBASE

HASH_CONFIG = """hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}
"""
# A row of Firebase's export with the hash that Firebase publishes with its scrypt.
FIREBASE_USER = {
    "localId": "q7x",
    "email": "user1@example.com",
    "emailVerified": True,
    "passwordHash": "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
    "salt": "42xEC+ixf3L2lw==",
    "displayName": "One",
    "lastSignedInAt": "1486324836000",
    "createdAt": "1486324836123",
    "providerUserInfo": [],
}


def rows(path: Path, written: bytes | str, config: Path | None = None) -> list[tuple[int, Any]]:
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    return list(import_files.read(path, config))


def test_csv_as_programs_write_it(tmp_path: Path) -> None:
    """A byte order mark, CRLF, quotes with commas, quotes and line ends in them, and no end of the last line."""
    text = '\ufeffemail,locale\r\n"a@example.com","s""v,\r\nx"\r\n\r\nb@example.com,'

    assert rows(tmp_path / "users.csv", text) == [
        (3, {"email": "a@example.com", "locale": 's"v,\r\nx'}),
        (5, {"email": "b@example.com", "locale": ""}),
    ]


def test_csv_with_another_number_of_fields(tmp_path: Path) -> None:
    """A row with a field too many or too few is none: the hash could be in another column. The next come."""
    text = "email,password_hash\na@example.com\nb@example.com,x,y\nc@example.com,z\n"

    assert rows(tmp_path / "users.csv", text) == [
        (2, None),
        (3, None),
        (4, {"email": "c@example.com", "password_hash": "z"}),
    ]


@pytest.mark.parametrize("broken", [b'"b@example.com"x,\n', b'"b@example.com,\n', b"b" * 200_000])
def test_csv_that_breaks(tmp_path: Path, broken: bytes) -> None:
    """Where quotes are broken the reading ends: what follows cannot be told apart."""
    read = rows(tmp_path / "users.csv", b"email,locale\n" + broken)

    assert [row for _, row in read] == [None]


def test_csv_that_is_not_utf_8(tmp_path: Path) -> None:
    """A row in another encoding is none, and costs no other row."""
    text = b"email,locale\na@example.com,\n\xe5@example.com,\nb@example.com,\n"

    assert rows(tmp_path / "users.csv", text) == [
        (2, {"email": "a@example.com", "locale": ""}),
        (3, None),
        (4, {"email": "b@example.com", "locale": ""}),
    ]


@pytest.mark.parametrize("text", ["", "\n", "a@example.com,$2b$04$abc\nb@example.com,x\n", '"email"x\n', b"\xff\n"])
def test_csv_without_a_header(tmp_path: Path, text: str | bytes) -> None:
    """Without a header nothing is read: the first account's hash would be a column's name in every reason."""
    with pytest.raises(UsageError, match="name the columns") as refused:
        rows(tmp_path / "users.csv", text)
    assert "$2b$" not in str(refused.value)


def test_json_lines(tmp_path: Path) -> None:
    """Blank lines are passed over and counted; what is no object, no JSON or no UTF-8 is no row."""
    lines = [b'{"email": "a@example.com"}\r', b"", b"  ", b"[]", b'"x"', b"{", b'{"email": "\xff"}', b"[" * 99_999]
    lines.append(b'{"email": "b@example.com", "disabled": true}')

    assert rows(tmp_path / "users.jsonl", b"\n".join(lines)) == [
        (1, {"email": "a@example.com"}),
        *((line, None) for line in range(4, 9)),
        (9, {"email": "b@example.com", "disabled": True}),
    ]


def test_other_files(tmp_path: Path) -> None:
    """A file of another kind is wrong usage, before it is read."""
    with pytest.raises(UsageError, match="JSON lines"):
        import_files.read(tmp_path / "users.xlsx", None)


def test_firebase(tmp_path: Path) -> None:
    """A user of `auth:export` has the hash with the project's parameters, and what else an account takes."""
    config = tmp_path / "hash-config.txt"
    config.write_text(HASH_CONFIG)
    users = [FIREBASE_USER, {"localId": "phone", "phoneNumber": "+46700000000"}, 7]
    users += [{"email": "b@example.com", "createdAt": odd} for odd in ("x", {"a": 1}, "9" * 30)]

    read = rows(tmp_path / "users.json", json.dumps({"users": users}), config)

    assert read[0] == (
        1,
        {
            "email": "user1@example.com",
            "email_verified": True,
            "disabled": False,
            "created_at": "2017-02-05T20:00:36.123000+00:00",
            "password_hash": FIREBASE,
        },
    )
    assert read[1:3] == [(2, {"email": None, "email_verified": False, "disabled": False}), (3, None)]
    assert [row["created_at"] for _, row in read[3:]] == ["x", "{'a': 1}", "9" * 30]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"users": 7}', '{"Users": {}}', "[" * 99_999])
def test_neither_firebases_nor_cognitos(tmp_path: Path, text: str) -> None:
    """A `.json` of another origin is wrong usage."""
    config = tmp_path / "hash-config.txt"
    config.write_text(HASH_CONFIG)

    with pytest.raises(UsageError, match="auth:export"):
        rows(tmp_path / "users.json", text, config)


def test_firebase_needs_its_parameters(tmp_path: Path) -> None:
    """Without the project's parameters no hash can be verified: wrong usage, that names what lacks."""
    with pytest.raises(UsageError, match="--firebase-hash-config"):
        rows(tmp_path / "users.json", '{"users": []}')
    config = tmp_path / "hash-config.txt"
    config.write_bytes(b"\xff rounds: 8, mem_cost: 14")
    with pytest.raises(UsageError, match="lacks base64_salt_separator, base64_signer_key"):
        rows(tmp_path / "users.json", '{"users": []}', config)
