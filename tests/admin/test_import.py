"""`rekey-admin --stack rekey import` in this process, from files as other systems write them to a first sign-in."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import boto3
import pytest

from rekey.aws.store import from_item
from rekey.credentials.passwords import NO_PASSWORD
from rekey_admin.imports import Import
from tests.admin.conftest import Admin, Done
from tests.admin.test_import_files import FIREBASE_USER, HASH_CONFIG
from tests.foreign_hashes import FIREBASE_PASSWORD, HASHES, PASSWORD
from tests.stack import EMAIL, Account, Clock, Stack

KEPT = HASHES["libxcrypt 2y"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "users.jsonl"


def imported(operator: Admin, file: Path, rows: list[dict[str, Any]], *options: str) -> Done:
    """The file written, and what the command made of it: addresses are proven unless a row says that one is not."""
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return operator("--stack", "rekey", "--yes", "--json", "import", str(file), "--verified", *options)


def kept(stack: Stack) -> dict[str, Any]:
    """Every account's row by its address."""
    rows = map(from_item, stack.rows("AccountsTable"))
    return {row["email"]: row for row in rows if row["sk"] == "account"}


def sign_in(stack: Stack, email: str, password: str) -> int:
    return stack.call("POST /sign-in", {"email": email, "password": password}).status


def refused(file: Path) -> list[dict[str, Any]]:
    return list(map(json.loads, file.with_name(f"{file.name}.refused.jsonl").read_text().splitlines()))


def test_firebase_from_export_to_sign_in(deployed: Stack, operator: Admin, tmp_path: Path) -> None:
    """A user of Firebase's own export and hash parameters signs in with the password of before, and no other."""
    file, config = tmp_path / "users.json", tmp_path / "hash-config.txt"
    file.write_text(json.dumps({"users": [FIREBASE_USER]}))
    config.write_text(HASH_CONFIG)
    command = ("--stack", "rekey", "--yes", "--json", "import", str(file))

    done = operator(*command, "--firebase-hash-config", str(config))

    assert (done.status, done.json["added"]) == (0, 1), done.err
    assert operator(*command).status == 2, "without the parameters it is wrong usage"
    assert operator(*command, "--firebase-hash-config", str(tmp_path / "none")).status == 1
    assert sign_in(deployed, "user1@example.com", "user2password") == 401
    assert sign_in(deployed, "user1@example.com", FIREBASE_PASSWORD) == 200
    assert kept(deployed)["user1@example.com"]["password_hash"].startswith("$argon2id$")


def test_without_a_hash_a_mailed_link_sets_the_first_password(deployed: Stack, operator: Admin, file: Path) -> None:
    """Cognito exports no hashes: nobody signs in, the owner asks for a link, and the password it sets is the first."""
    assert imported(operator, file, [{"email": EMAIL}]).status == 0
    assert kept(deployed)[EMAIL]["password_hash"] == NO_PASSWORD
    for tried in ("", NO_PASSWORD, PASSWORD):
        assert sign_in(deployed, EMAIL, tried) != 200

    assert deployed.call("POST /forgot", {"email": EMAIL}).status == 202
    sent = {"token": deployed.mailed_token(), "new_password": PASSWORD}

    assert deployed.call("POST /reset", sent).status == 204
    assert sign_in(deployed, EMAIL, PASSWORD) == 200


def test_there_already_is_never_overwritten(
    deployed: Stack, account: Account, operator: Admin, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that is there keeps its password, whether it was met before the write or only by it."""
    before = kept(deployed)
    rows = [{"email": account.email.upper(), "password_hash": KEPT}]
    expected = {"added": 0, "there_already": 1, "refused": 0, "report": None}.items()

    with monkeypatch.context() as patched:
        patched.setattr(Import, "_add", None)  # it is not even tried
        assert expected <= imported(operator, file, rows).json.items()
    monkeypatch.setattr("rekey.aws.store.get_many", lambda *keys: [None] * len(keys))  # registered a moment later
    assert expected <= imported(operator, file, rows).json.items()
    assert kept(deployed) == before
    assert sign_in(deployed, account.email, account.password) == 200


def test_an_id_of_another(deployed: Stack, account: Account, operator: Admin, file: Path) -> None:
    """A row that claims another account's id is refused, and that account stays as it is."""
    before = kept(deployed)

    done = imported(operator, file, [{"email": "b@example.com", "account_id": account.account_id}])

    assert (done.status, done.json["refused"]) == (1, 1)
    assert refused(file)[0]["reason"] == "account_id: another address has it"
    assert kept(deployed) == before


def test_refused_rows_are_reported(deployed: Stack, operator: Admin, file: Path) -> None:
    """By line, address and reason, for the file's owner alone; an earlier report goes; no hash is in it or printed."""
    report = file.with_name("users.jsonl.refused.jsonl")
    report.write_text("of an earlier run")
    report.chmod(0o666)
    costly = KEPT.replace("$04$", "$15$")
    rows: list[dict[str, Any]] = [
        {"email": "a@example.com", "password_hash": KEPT},
        {"email": "b@example.com", "password_hash": costly},
        {"email": "A@Example.com", "password_hash": KEPT},
        {"email": "c@example.com", "password_hash": KEPT, "email_verified": False},
        {"email": KEPT, "password_hash": "x"},
        {"email": {"password_hash": KEPT}},
    ]

    done = imported(operator, file, rows)

    assert (done.status, done.json["added"], done.json["refused"]) == (1, 1, 5)
    assert [tuple(row.values()) for row in refused(file)] == [
        (2, "b@example.com", "password_hash: hash_too_costly"),
        (3, "A@Example.com", "email: it stands in the file before"),
        (4, "c@example.com", "email_verified: the address is not proven (see --unverified)"),
        (5, None, "password_hash: hash_unknown"),
        (6, None, "email: invalid"),
    ]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert KEPT[7:] not in report.read_text() + done.out + done.err
    assert [*kept(deployed)] == ["a@example.com"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("users.csv", f"email,password_hash\na@example.com,{KEPT}\n"),
        ("users.jsonl", f'{{"email": "a@example.com", "password_hash": "{KEPT}"}}\n'),
    ],
)
def test_a_file_that_does_not_say_which_addresses_are_proven(
    deployed: Stack, operator: Admin, tmp_path: Path, name: str, text: str
) -> None:
    """It is refused at once, and the message names the column and both options: nothing is written, nobody is asked."""
    file = tmp_path / name
    file.write_text(text)

    done = operator("--stack", "rekey", "import", str(file))

    assert done.status == 2
    for way in ("email_verified", "--verified", "--unverified"):
        assert way in done.err
    assert KEPT[7:] not in done.out + done.err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert kept(deployed) == {}
    for option in ("--verified", "--unverified"):
        assert operator("--stack", "rekey", "--yes", "import", str(file), option, "--dry-run").status == 0


def test_json_lines_of_which_some_do_not_say(deployed: Stack, operator: Admin, file: Path) -> None:
    """Where the first line says whether its address is proven, later ones that do not are refused, each by itself."""
    rows: list[dict[str, Any]] = [
        {"email": "a@example.com", "email_verified": True, "password_hash": KEPT},
        {"email": "b@example.com", "password_hash": KEPT},
        {"email": "c@example.com", "email_verified": None},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))

    done = operator("--stack", "rekey", "--yes", "--json", "import", str(file))

    assert (done.status, done.json["added"], done.json["refused"]) == (1, 1, 2)
    assert {row["reason"] for row in refused(file)} == {"email_verified: missing (see --verified and --unverified)"}
    assert [*kept(deployed)] == ["a@example.com"]


def test_csv_without_a_header(deployed: Stack, operator: Admin, tmp_path: Path) -> None:
    """Its first line would name the columns: wrong usage, and the hash in it is nowhere repeated."""
    file = tmp_path / "users.csv"
    file.write_text(f"a@example.com,{KEPT}\nb@example.com,{KEPT}\n")

    done = operator("--stack", "rekey", "--yes", "import", str(file))

    assert done.status == 2
    assert "name the columns" in " ".join(done.err.split())
    assert KEPT[7:] not in done.out + done.err
    assert [path.name for path in tmp_path.iterdir()] == ["users.csv"]
    assert kept(deployed) == {}


def test_a_dry_run_writes_nothing(deployed: Stack, account: Account, operator: Admin, file: Path) -> None:
    """It tells what would be added, skipped and refused, and both tables stay as they are."""
    before = [deployed.rows(table) for table in ("AccountsTable", "EventsTable", "TokensTable")]

    done = imported(operator, file, [{"email": "b@example.com"}, {"email": account.email}, {"email": "x"}], "--dry-run")

    assert (done.status, done.json["added"], done.json["there_already"], done.json["refused"]) == (1, 1, 1, 1)
    assert [deployed.rows(table) for table in ("AccountsTable", "EventsTable", "TokensTable")] == before


def test_hashes_are_counted(operator: Admin, file: Path) -> None:
    """By scheme and cost, with those below OWASP's recommendations, in a dry run, too; refused rows are not."""
    ours = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"
    hashes = [KEPT, ours, KEPT, KEPT.replace("$04$", "$10$"), HASHES["django pbkdf2_sha1"], "x", None]
    rows: list[dict[str, Any]] = [{"email": f"{n}@example.com", "password_hash": each} for n, each in enumerate(hashes)]

    dry = imported(operator, file, rows, "--dry-run").json["hashes"]

    assert dry == {
        "schemes": [
            {"scheme": "bcrypt", "costs": "cost=4", "accounts": 2, "below_owasp": True},
            {"scheme": "Argon2id", "costs": "m=19456 t=2 p=1", "accounts": 1, "below_owasp": False},
            {"scheme": "bcrypt", "costs": "cost=10", "accounts": 1, "below_owasp": False},
            {"scheme": "PBKDF2-SHA1", "costs": "iterations=1000", "accounts": 1, "below_owasp": True},
        ],
        "below_owasp": 3,
        "without_password": 1,
    }
    assert imported(operator, file, rows).json["hashes"] == dry
    told = operator("--stack", "rekey", "--yes", "import", str(file), "--verified").out
    assert "2  bcrypt cost=4  (less than OWASP recommends)" in told
    assert "1  Argon2id m=19456 t=2 p=1\n" in told
    assert "1  without a password" in told


def test_each_account_has_its_event(deployed: Stack, operator: Admin, file: Path) -> None:
    """The event says who imported the account, and nobody gets a mail about it."""
    assert imported(operator, file, [{"email": "b@example.com"}]).status == 0

    (event,) = map(from_item, deployed.rows("EventsTable"))
    assert (event["type"], event["admin"]) == ("account.imported", "arn:aws:sts::123456789012:user/moto")
    deployed.deliver()
    assert deployed.inbox == []


@pytest.mark.parametrize("name", ["\x1b[2J\x1b]0;x\x07", "\x9b2J", "\u202e"])
def test_no_control_sequence_reaches_the_terminal(
    deployed: Stack, operator: Admin, file: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a foreign file has in an address, a column or a value is escaped on the terminal and in the report."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    rows = [{"email": f"{name}@example.com"}, {"email": "a@example.com", name: "1"}, {name: name}]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    renamed = str(file.rename(file.with_name(f"{name}.jsonl")))
    done = operator("--stack", "rekey", "--yes", "import", renamed, "--verified")

    report = file.with_name(f"{name}.jsonl.refused.jsonl").read_text()
    assert done.status == 1
    assert len(report.splitlines()) == 3
    assert name not in done.out + done.err + report
    assert kept(deployed) == {}


def test_what_was_revoked_stays_revoked(
    deployed: Stack, operator: Admin, account: Account, frozen: Clock, tmp_path: Path
) -> None:
    """An account that is lost and comes back by an import does not bring back the sessions that were ended in it."""
    file = tmp_path / "all.jsonl"
    assert operator("--stack", "rekey", "--yes", "export", str(file)).status == 0
    (exported,) = map(json.loads, file.read_text().splitlines())
    assert deployed.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token).status == 204
    for row in deployed.rows("AccountsTable"):
        boto3.client("dynamodb").delete_item(TableName="AccountsTable", Key={"pk": row["pk"], "sk": row["sk"]})

    frozen.advance(1)

    done = imported(operator, file, [{**exported, "password_hash": KEPT}])  # the tests' own is too cheap to import

    assert done.status == 0, done.err
    assert sign_in(deployed, EMAIL, PASSWORD) == 200
    assert not deployed.is_signed_in(account.access_token)
