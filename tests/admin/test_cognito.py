"""Cognito's users, as its own tools write them, make accounts."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from rekey.credentials.passwords import NO_PASSWORD
from rekey_admin import cognito
from tests.admin.conftest import Admin, Done
from tests.admin.test_import import kept, refused
from tests.stack import Stack

# What `aws cognito-idp get-csv-header` prints of a pool with an attribute of its own.
HEADER = [
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number"),
    *("phone_number_verified", "address", "updated_at", "custom:joinedOn", "cognito:mfa_enabled", "cognito:username"),
]
# What `aws cognito-idp list-users` prints of one.
USER: dict[str, Any] = {
    "Username": "5c0a1d2e-1111-4222-8333-444455556666",
    "Attributes": [
        {"Name": "email", "Value": "Ada@Example.com"},
        {"Name": "email_verified", "Value": "true"},
        {"Name": "given_name", "Value": "Ada"},
        {"Name": "locale", "Value": "sv-SE"},
        {"Name": "custom:tenant", "Value": "7"},
        {"Name": "sub", "Value": "5c0a1d2e-1111-4222-8333-444455556666"},
    ],
    "UserCreateDate": "2020-02-03T04:05:06.123000+01:00",
    "UserLastModifiedDate": "2021-02-03T04:05:06.123000+01:00",
    "Enabled": True,
    "UserStatus": "CONFIRMED",
}


@pytest.fixture
def imported(operator: Admin) -> Any:
    def run(file: Path, *options: str) -> Done:
        return operator("--stack", "rekey", "--yes", "--json", "import", str(file), *options)

    return run


def with_header(path: Path, *rows: dict[str, str], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def user(email: str, verified: str | None = "true", **more: Any) -> dict[str, Any]:
    attributes = [{"Name": "email", "Value": email}]
    attributes += [{"Name": "email_verified", "Value": verified}] if verified is not None else []
    return {**USER, "Attributes": attributes, **more}


def test_the_columns_of_get_csv_header(deployed: Stack, imported: Any, tmp_path: Path) -> None:
    """They are taken as they come; an address that is not proven is refused, a lost second factor is told."""
    file = with_header(
        tmp_path / "users.csv",
        {
            **dict.fromkeys(HEADER, "x"),
            "email": "a@example.com",
            "email_verified": "true",
            "locale": "fr",
            "cognito:mfa_enabled": "false",
        },
        {"email": "b@example.com", "email_verified": "FALSE", "cognito:mfa_enabled": "false"},
        {"email": "c@example.com", "email_verified": "TRUE", "cognito:mfa_enabled": "TRUE"},
        {"email": "d@example.com", "email_verified": "", "cognito:mfa_enabled": ""},
    )

    done = imported(file)

    assert (done.json["added"], done.json["refused"], done.json["second_factors_lost"]) == (2, 2, 1)
    assert "second factor" in done.err
    assert [(row["line"], row["email"]) for row in refused(file)] == [(3, "b@example.com"), (5, "d@example.com")]
    rows = kept(deployed)
    assert rows.keys() == {"a@example.com", "c@example.com"}
    assert rows["a@example.com"]["locale"] == "fr"
    assert rows["a@example.com"]["password_hash"] == NO_PASSWORD


def test_a_misspelt_column_is_refused(deployed: Stack, imported: Any, tmp_path: Path) -> None:
    """Beside Cognito's own columns, too: what is passed over is named."""
    header = [*HEADER, "emial"]
    file = with_header(
        tmp_path / "users.csv", {"email": "a@example.com", "email_verified": "true", "emial": "x"}, header=header
    )

    assert imported(file).json["added"] == 0
    assert refused(file)[0]["reason"] == "unknown column: emial"
    assert kept(deployed) == {}


@pytest.mark.parametrize("column", ["name", "phone_number", "custom:tenant", "Enabled"])
def test_elsewhere_they_are_unknown(deployed: Stack, imported: Any, tmp_path: Path, column: str) -> None:
    """A file that is not Cognito's has no use for Cognito's names."""
    file = with_header(
        tmp_path / "users.csv",
        {"email": "a@example.com", "email_verified": "true", column: "x"},
        header=["email", "email_verified", column],
    )

    assert imported(file).json["refused"] == 1
    assert refused(file)[0]["reason"] == f"unknown column: {column}"
    assert kept(deployed) == {}


def test_what_list_users_prints(deployed: Stack, imported: Any, tmp_path: Path) -> None:
    """Address, language, time of sign-up and whether it is disabled come; what is not said to be proven is not."""
    users = [
        USER,
        user("off@example.com", Enabled=False),
        user("stolen@example.com", UserStatus="COMPROMISED"),
        user("old@example.com", UserStatus="ARCHIVED"),
        user("new@example.com", UserStatus="UNCONFIRMED"),
        user("silent@example.com", None),
        user("sms@example.com", MFAOptions=[{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]),
        {**USER, "Attributes": [{"Name": "phone_number", "Value": "+46700000000"}]},
        {"Username": "x"},
        7,
    ]
    file = tmp_path / "users.json"
    file.write_text(json.dumps({"Users": users}))

    done = imported(file)

    assert (done.json["added"], done.json["refused"], done.json["second_factors_lost"]) == (5, 5, 1)
    assert [row["line"] for row in refused(file)] == [5, 6, 8, 9, 10]
    rows = kept(deployed)
    assert {email: "disabled_at" in row for email, row in rows.items()} == {
        "ada@example.com": False,
        "off@example.com": True,
        "stolen@example.com": True,
        "old@example.com": True,
        "sms@example.com": False,
    }
    assert (rows["ada@example.com"]["locale"], rows["ada@example.com"]["created_at"]) == ("sv-SE", 1_580_699_106)


@pytest.mark.parametrize(
    ("created", "iso"),
    [
        ("2020-02-03T04:05:06.123000+01:00", "2020-02-03T04:05:06.123000+01:00"),
        (1580699106.5, "2020-02-03T03:05:06.500000+00:00"),
        ("1580699106", "2020-02-03T03:05:06+00:00"),
        ("soon", "soon"),
        ("9" * 30, "9" * 30),
        ([], None),
        ([1], "[1]"),
    ],
)
def test_times(created: Any, iso: str | None) -> None:
    """Of either version of AWS's command line; what is no time is refused as such, and raises nothing."""
    assert cognito.of_columns({"UserCreateDate": created}).get("created_at") == iso


@pytest.mark.parametrize("enabled", ["true", "True", True])
def test_enabled_and_disabled_are_opposites(enabled: Any) -> None:
    """What is neither true nor false stays, and is refused as that."""
    assert cognito.of_columns({"Enabled": enabled}) == {"disabled": "false"}
    assert cognito.of_columns({"Enabled": enabled, "UserStatus": "ARCHIVED"}) == {"disabled": "true"}
    assert cognito.of_columns({"Enabled": "perhaps"}) == {"disabled": "perhaps"}
    assert cognito.of_columns({"Enabled": ""}) == {}
