"""The account's row is declared once, in accounts/attributes.py: all who read or write it are held against that."""

from __future__ import annotations

import json
import re
from functools import reduce
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import column_documents
from rekey import clock
from rekey.accounts.attributes import ATTRIBUTES, COLUMNS, COUNTERS
from rekey.aws.store import from_item, to_item
from rekey.credentials import recovery_codes, totp
from rekey_admin.incoming import MARKERS
from rekey_admin.report import show_account
from rekey_admin.terminal import Terminal
from tests.actors import ADMIN
from tests.admin.conftest import Admin
from tests.calls import recording
from tests.foreign_hashes import HASHES
from tests.stack import Account, Clock, Stack
from tests.story import tell

WHERE = "layers/common/rekey/accounts/attributes.py"
NOT_OF_THE_ROW = {
    "client_address",
    "delivery",
    "sessions",
    "devices",
    "events",
    "events_next",
    "state",
    "locks",
}  # told of an account from other rows

marks_count = pytest.mark.parametrize("parameters", [{"RequireTotp": "new"}])


@pytest.fixture
def full(deployed: Stack, account: Account) -> dict[str, Any]:
    """The row of an account that has every attribute there is, each with a value that is met nowhere else: a text,
    unless it needs another.
    """
    account_id = account.account_id
    row = {
        **{name: f"telling-{name}" for name in ATTRIBUTES},
        **kept(deployed)[account_id],
        "password_hash": HASHES["passlib argon2id"],  # the tests' own costs less than an import takes
        "created_at": clock.now() - 1_000_001,
        "disabled_at": clock.now() - 2_000_003,
        "password_changed_at": clock.now() - 3_000_005,
        "totp_secret": totp.encrypt_secret(account_id, b"telling-secret-of-it"),
        "totp_enabled_at": clock.now() - 4_000_007,
        "totp_last_step": 5_000_009,
        "recovery_codes": recovery_codes.digests(account_id, ["telling"]),
        "totp_required": True,
        "devices": {"telling-device": clock.now() - 6_000_011},
        "applications": {
            "telling-client": {
                "name": "telling-name",
                "connection": "telling-connection",
                "scopes": ["telling-scope"],
                "connected_at": clock.now() - 7_000_013,
            }
        },
    }
    boto3.client("dynamodb").put_item(TableName="AccountsTable", Item=to_item(row))
    return row


def kept(stack: Stack) -> dict[str, dict[str, Any]]:
    """Every account's row by its id."""
    rows = map(from_item, stack.rows("AccountsTable"))
    return {row["account_id"]: row for row in rows if row["sk"] == "account"}


def at(answer: dict[str, Any], member: str) -> Any:
    return reduce(lambda found, name: found[name], member.split("."), answer)


def shows(text: str, value: Any) -> bool:
    """Whether what somebody gets has a value in it, in a form in which we write such values."""
    forms = [str(value), clock.iso(value)] if isinstance(value, int) and value > 1 else [str(value)]
    return any(form in text for form in forms)


def held(answer: dict[str, Any], function: str, declared: dict[str, str | None], row: dict[str, Any]) -> None:
    """An answer has the members that are declared, each from an attribute that is there, and nothing of any other."""
    text, members = json.dumps(answer), {member for member in declared.values() if member}
    apart = {member.partition(".")[0] for member in members} ^ (answer.keys() - NOT_OF_THE_ROW)
    assert not apart, f"{apart}: {function} and {WHERE} differ"
    for name, member in declared.items():
        if member:
            assert at(answer, member), f"{name} is declared to be seen as {member}: {function} leaves it empty"
        if not member or ATTRIBUTES[name].secret:
            assert name == "token_epoch" or not shows(text, row[name]), f"{name} is declared to be seen nowhere here"


@marks_count
def test_the_owner_sees_what_is_declared(deployed: Stack, account: Account, full: dict[str, Any]) -> None:
    answer = deployed.call("GET /account", token=account.access_token).json

    held(answer, "functions/account.py", {name: each.owner for name, each in ATTRIBUTES.items()}, full)


@marks_count
def test_an_admin_sees_what_is_declared(
    deployed: Stack, full: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the answer, and at a terminal."""
    answer = deployed.call("POST /admin/find", {"account_id": full["account_id"]}, caller=ADMIN).json

    held(answer, "functions/admin_find.py", {name: each.admin for name, each in ATTRIBUTES.items()}, full)
    show_account(answer, Terminal(as_json=False, yes=False))
    told = capsys.readouterr().out
    for name, each in ATTRIBUTES.items():
        text = "required" if name == "totp_required" else full[name]  # a mark has no value that could be met
        assert not each.admin or each.secret or shows(told, text), f"rekey_admin/report.py does not show {name}"


def test_what_leaves_is_what_is_declared_and_comes_back(
    deployed: Stack, full: dict[str, Any], operator: Admin, tmp_path: Path
) -> None:
    """An export has the declared columns; an import of it makes an account with the same attributes."""
    file = tmp_path / "users.jsonl"
    command = ("--stack", "rekey", "--yes", "--json")

    assert operator(*command, "export", str(file), "--with-totp").status == 0
    exported = json.loads(file.read_text())
    for row in deployed.rows("AccountsTable"):
        boto3.client("dynamodb").delete_item(TableName="AccountsTable", Key={key: row[key] for key in ("pk", "sk")})
    assert operator(*command, "import", str(file)).status == 0, "rekey_admin/incoming.py refuses what is exported"
    [comes_back] = kept(deployed).values()

    apart = (exported.keys() - MARKERS.keys()) ^ COLUMNS.keys()
    assert not apart, f"{apart}: give its column a `form` in {WHERE}, or a line of its own in rekey_admin/exports.py"
    missing = {name for name, each in ATTRIBUTES.items() if each.exported and name not in comes_back}
    assert not missing, f"{missing}: rekey_admin/incoming.py or imports.py leaves it out"
    for name, each in ATTRIBUTES.items():
        assert each.exported or name == "token_epoch" or not shows(json.dumps(exported), full[name]), name


def test_every_column_is_explained() -> None:
    """Whoever makes a file of another system's accounts reads of each column what its declaration says."""
    assert column_documents.PAGE.read_text() == column_documents.document(), "run make documents"


def test_every_attribute_that_is_written_is_declared(stack: Stack, frozen: Clock) -> None:
    """Whatever any function does to an account's row, over all that functions do."""
    with recording() as calls:
        tell(stack, frozen)
    written: set[str] = set()
    for call in calls:
        for item in call.params.get("TransactItems", [{"Update": call.params}]):
            [write] = item.values()
            if write.get("Item", write.get("Key", {})).get("sk") == {"S": "account"}:
                written |= {*write.get("Item", {})} - {"pk", "sk"}
                written |= {*re.findall(r"(?<![:\w])[a-z_]+\d*(?!\w|\()", write.get("UpdateExpression", ""))}

    undeclared = {name for name in written if not name.startswith(COUNTERS)} - ATTRIBUTES.keys()
    assert "token_epoch" in written
    assert not undeclared, f"{undeclared}: declare it in {WHERE}"


def test_hashes_are_secret() -> None:
    """What is declared secret is at least what no one may be told."""
    assert {name for name, each in ATTRIBUTES.items() if each.secret} >= {
        "password_hash",
        "totp_secret",
        "recovery_codes",
    }
