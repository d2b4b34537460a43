"""Three thousand accounts come with hashes of other systems, are cut short, go on, sign in, and leave again."""

from __future__ import annotations

import csv
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import aws
from local.pages import LocalPages
from local.server import Server, message
from local.template import ROOT
from rekey.aws.store import from_item
from rekey.credentials import foreign_hashes, passwords
from tests.foreign_hashes import FIREBASE, FIREBASE_PASSWORD, HASHES, PASSWORD
from tests.stack import Stack

pytestmark = pytest.mark.engine

ACCOUNTS = 6_000  # enough to be cut short twice, however late a busy machine looks
KNOWN = {**{name: (kept, PASSWORD) for name, kept in HASHES.items()}, "firebase": (FIREBASE, FIREBASE_PASSWORD)}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Operator:
    """Runs `rekey-admin --local` as a process of its own, against the engine's tables."""

    def __init__(self, stack: Stack, port: int) -> None:
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment |= {"PORT": str(port), "PYTHONPATH": f"{ROOT}/layers/common:{ROOT}"}
        self._table = stack.template.physical["AccountsTable"]
        self._stack = stack

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "rekey_admin", "--local", "--yes", "--json", *map(str, arguments)]
        return subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: object) -> tuple[int, Any]:
        """The exit status, and what it answered."""
        out, err = (process := self.begin(*arguments)).communicate(timeout=600)
        assert out, err
        return process.returncode, json.loads(out)

    def cut_short(self, beyond: int, by: signal.Signals, *arguments: object) -> int:
        """Begin, and send a signal when the table has so many rows; the exit status."""
        process = self.begin(*arguments)
        while self._rows() < beyond and process.poll() is None:
            time.sleep(0.1)
        process.send_signal(by)
        process.communicate(timeout=600)  # what it has begun it ends, on a busy machine too
        self._await_quiet()
        return process.returncode

    def _await_quiet(self) -> None:
        """The engine may be carrying out what a process asked for just before it was killed."""
        before = -1
        while before != (before := self._rows()):
            time.sleep(1)

    def _rows(self) -> int:
        return int(boto3.client("dynamodb").describe_table(TableName=self._table)["Table"]["ItemCount"])

    def accounts(self) -> dict[str, Any]:
        """Every account by its address. Each has the row of its address, which is its own, and its event; no more."""
        rows = [from_item(item) for item in self._stack.rows(self._table)]
        accounts = {row["email"]: row for row in rows if row["sk"] == "account"}
        owned = Counter(row["account_id"] for row in rows if row["sk"] == "address")
        events = list(map(from_item, self._stack.rows(self._stack.template.physical["EventsTable"])))
        imported = Counter(row["pk"] for row in events if row["type"] == "account.imported")
        assert (len(rows), len(events)) == (2 * len(accounts), len(accounts))
        assert owned == Counter(row["account_id"] for row in accounts.values())
        assert imported == Counter(row["pk"] for row in accounts.values())
        return accounts


@pytest.fixture
def operator(engine_stack: Stack, dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """What `make run` tells `rekey-admin --local`, with KMS and STS from moto."""
    embedded, pages = aws.make_server(), Server("127.0.0.1", 0)
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{embedded.port}")
        patched.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local)
        answer = LocalPages("", aws.outputs(engine_stack.template)).answer
    pages.answering = lambda received: answer(received) or message(HTTPStatus.NOT_FOUND)
    embedded.start()
    pages.start()
    yield Operator(engine_stack, pages.port)
    pages.stop()
    embedded.stop()


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.timeout(900)  # on a busy machine
def test_cut_short_twice(
    engine_stack: Stack, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short by Ctrl-C and by a kill, the import leaves whole accounts; run again, it ends with each of them once.

    A sample of every scheme signs in, its hash becomes ours, and the next sign-in no longer meets the scheme.
    """
    kinds = [name for name, _ in zip(cycle(KNOWN), range(ACCOUNTS))]
    rows = [
        {"email": f"user{number}@example.com", "password_hash": KNOWN[kind][0], "locale": "sv"}
        for number, kind in enumerate(kinds)
    ]
    file = write_csv(tmp_path / "users.csv", rows)

    assert operator.cut_short(ACCOUNTS // 10, signal.SIGINT, "import", file, "--verified") == 130
    interrupted = len(operator.accounts())
    assert (
        operator.cut_short(2 * interrupted + ACCOUNTS // 10, signal.SIGKILL, "import", file, "--verified")
        == -signal.SIGKILL
    )
    killed = len(operator.accounts())
    assert 0 < interrupted < killed < ACCOUNTS

    status, told = operator.run("import", file, "--verified")
    assert (status, told["added"], told["there_already"], told["refused"]) == (0, ACCOUNTS - killed, killed, 0)
    assert sum(row["accounts"] for row in told["hashes"]["schemes"]) == ACCOUNTS
    accounts = operator.accounts()
    assert {email: row["password_hash"] for email, row in accounts.items()} == {
        row["email"]: row["password_hash"] for row in rows
    }
    status, told = operator.run("import", file, "--verified")
    assert (status, told["added"], told["there_already"]) == (0, 0, ACCOUNTS)
    assert operator.accounts() == accounts

    sample = {
        kind: f"user{number}@example.com" for number, kind in enumerate(kinds[-len(KNOWN) :], ACCOUNTS - len(KNOWN))
    }
    for kind, email in sample.items():
        assert sign_in(engine_stack, email, "Wrong-Horse-9") == 401
        assert sign_in(engine_stack, email, KNOWN[kind][1]) == 200, kind
    monkeypatch.delattr(foreign_hashes, "parse")
    for kind, email in sample.items():
        assert sign_in(engine_stack, email, KNOWN[kind][1]) == 200, kind
    kept = {row["email"]: row["password_hash"] for row in stored_accounts(engine_stack)}
    assert not [email for email in sample.values() if passwords.needs_rehash(kept[email])]


def sign_in(stack: Stack, email: str, password: str) -> int:
    return stack.call("POST /sign-in", {"email": email, "password": password}).status


def stored_accounts(stack: Stack) -> list[dict[str, Any]]:
    rows = map(from_item, stack.rows(stack.template.physical["AccountsTable"]))
    return [row for row in rows if row["sk"] == "account"]


def test_there_and_back(engine_stack: Stack, operator: Operator, tmp_path: Path) -> None:
    """What one Rekey exports, another imports: ids, hashes, second factors. Only its owner can read the file."""
    file = tmp_path / "users.jsonl"
    rows: list[dict[str, Any]] = [
        {"email": "a@example.com", "password_hash": HASHES["django bcrypt"], "created_at": "2020-02-03T04:05:06Z"},
        {"email": "b@example.com", "totp_secret": SECRET, "disabled": True, "locale": "fr"},
        {"email": "c@example.com", "password_hash": HASHES["passlib argon2id"], "totp_secret": SECRET},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert operator.run("import", file, "--verified")[0] == 0

    first = export(operator, tmp_path / "first.jsonl", "--with-totp")
    empty(engine_stack)
    assert operator.run("import", tmp_path / "first.jsonl")[0] == 0

    assert export(operator, tmp_path / "second.jsonl", "--with-totp") == first
    assert [{name: row.get(name) for name in given} for row, given in zip(first, rows, strict=True)] == rows
    plain = export(operator, tmp_path / "plain.jsonl")
    assert [(row.get("totp_enabled"), "totp_secret" in row) for row in plain] == [(None, False), *2 * [(True, False)]]
    status, told = operator.run("import", tmp_path / "plain.jsonl")
    assert (status, told["refused"]) == (1, 2), "a second factor must not be lost in silence"


def export(operator: Operator, file: Path, *options: str) -> list[dict[str, Any]]:
    status, told = operator.run("export", file, *options)
    rows = sorted(map(json.loads, file.read_text().splitlines()), key=lambda row: str(row["email"]))
    assert (status, told["accounts"]) == (0, len(rows))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return rows


def empty(stack: Stack) -> None:
    table = stack.template.physical["AccountsTable"]
    for row in stack.rows(table):
        boto3.client("dynamodb").delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})


def test_refused_rows(operator: Operator, tmp_path: Path) -> None:
    """Rows that make no account are reported by line, address and reason, never with the hash; the rest comes."""
    costly = HASHES["libxcrypt 2y"].replace("$04$", "$31$")
    file = write_csv(
        tmp_path / "users.csv",
        [
            {"email": "a@example.com", "password_hash": HASHES["libxcrypt 2y"], "email_verified": "true"},
            {"email": "b@example.com", "password_hash": costly, "email_verified": ""},
            {"email": "A@example.com", "password_hash": "", "email_verified": ""},
            {"email": "c@example.com", "password_hash": HASHES["libxcrypt 2y"], "email_verified": "false"},
        ],
    )

    assert operator.run("import", file, "--verified", "--dry-run")[1]["added"] == 1
    assert operator.accounts() == {}
    status, told = operator.run("import", file, "--verified")

    assert (status, told["added"], told["refused"]) == (1, 1, 3)
    report = Path(told["report"])
    assert [(row["line"], row["email"]) for row in map(json.loads, report.read_text().splitlines())] == [
        (3, "b@example.com"),
        (4, "A@example.com"),
        (5, "c@example.com"),
    ]
    assert costly not in report.read_text()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    again = operator.run("import", file, "--verified", "--unverified")[1]
    assert (again["added"], again["refused"], again["there_already"]) == (1, 2, 1)
    assert operator.accounts()["c@example.com"]["password_hash"] == passwords.NO_PASSWORD
