"""The files that an import reads, row by row: CSV with a header, JSON lines, and what Firebase and Cognito print."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rekey_admin import cognito
from rekey_admin.errors import UsageError

Row = dict[str, Any] | None
"""By column; None for what is no row."""


def count_lines(path: Path) -> int:
    """For the progress bar; of a `.json`, which is one object, its lines."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def read(path: Path, firebase_hash_config: Path | None) -> Iterator[tuple[int, Row]]:
    """Each row with the line it ends on; of a `.json`, with its number. Raises UsageError."""
    match path.suffix.lower():
        case ".csv":
            return _csv(path)
        case ".jsonl" | ".ndjson":
            return _json_lines(path)
        case ".json":
            return _users(path, firebase_hash_config)
    raise UsageError(f"{path}: not .csv, .jsonl (JSON lines) or .json (of Firebase or Cognito)")


def _csv(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        rows = csv.DictReader(file, restkey="", strict=True)
        _require_header(path, rows)
        is_cognitos = cognito.is_header(rows.fieldnames or [])
        while True:
            try:
                row = next(rows, None)
            except csv.Error:
                yield rows.line_num, None
                return  # where the next row begins is not known
            if row is None:
                return
            if not _is_whole(row):
                yield rows.line_num, None
            else:
                yield rows.line_num, cognito.of_columns(row) if is_cognitos else row


def _is_whole(row: dict[str, Any]) -> bool:
    """As many fields as columns, and all of them UTF-8."""
    try:
        return "" not in row and bool("".join(row.values()).encode())
    except (TypeError, UnicodeEncodeError):  # a field too few is None; what is not UTF-8 was read as surrogates
        return False


def _require_header(path: Path, rows: csv.DictReader[str]) -> None:
    """Without one, the first account would name the columns, and every reason to refuse would quote its hash."""
    try:
        names = rows.fieldnames or []
    except csv.Error:
        names = []
    if "email" not in names:
        raise UsageError(f"{path}: its first line must name the columns, email among them")


def _json_lines(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open("rb") as file:
        for line, text in enumerate(file, 1):
            if text.strip():
                yield line, _object(text)


def _object(text: bytes) -> Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _users(path: Path, firebase_hash_config: Path | None) -> Iterator[tuple[int, Row]]:
    """One object with all users, which tells by their name whose it is."""
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        document = None
    converted: Iterator[Row]
    match document:
        case {"users": [*users]}:
            config = _hash_config(firebase_hash_config)
            converted = (_of_firebase(user, config) if isinstance(user, dict) else None for user in users)
        case {"Users": [*users]}:
            converted = (cognito.of_user(user) if isinstance(user, dict) else None for user in users)
        case _:
            raise UsageError(
                f'{path}: neither what firebase auth:export writes, {{"users": […]}},'
                f' nor what aws cognito-idp list-users prints, {{"Users": […]}}'
            )
    return enumerate(converted, 1)


def _of_firebase(user: dict[str, Any], config: dict[str, str]) -> Row:
    row = {
        "email": user.get("email"),
        "email_verified": user.get("emailVerified", False),
        "disabled": user.get("disabled", False),
    }
    if user.get("createdAt"):
        row["created_at"] = _iso(user["createdAt"])
    if user.get("passwordHash"):
        costs = f"ln={config['mem_cost']},r={config['rounds']},p=1"
        keys = f"{config['base64_salt_separator']}${config['base64_signer_key']}"
        row["password_hash"] = f"$firescrypt${costs}${user.get('salt', '')}${user['passwordHash']}${keys}"
    return row


def _iso(milliseconds: Any) -> str:
    """What is no time stays as it is, and is refused as such."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).isoformat()
    except (ValueError, TypeError, OverflowError):
        return str(milliseconds)


def _hash_config(path: Path | None) -> dict[str, str]:
    """The block that Firebase's console shows as the project's password hash parameters."""
    if not path:
        raise UsageError("Firebase's hashes need the project's parameters: --firebase-hash-config FILE")
    found = dict(re.findall(r"(\w+):\s*([\w+/=-]+)", path.read_text(errors="replace")))
    lacking = {"base64_signer_key", "base64_salt_separator", "rounds", "mem_cost"} - set(found)
    if lacking:
        raise UsageError(f"{path}: lacks {', '.join(sorted(lacking))}")
    return found
