"""The arithmetic of the benchmark's bill: no measuring."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from benchmarks import bill, capacity, crowd, prices
from benchmarks.bill import MIX, PARTS, USERS, Billing, Stored, Usage

BILLING = Billing(1769, "arm64")


@pytest.mark.parametrize(("sizes", "units"), [([0], 2), ([1024], 2), ([1025], 4), ([10, 10, 10], 6), ([3000, 1], 8)])
def test_units_of_a_transaction(sizes: list[int], units: int) -> None:
    """Each row of a transaction is rounded up to whole kilobytes by itself, and counted double."""
    assert capacity.of_transaction(sizes) == units


def test_size_of_a_row() -> None:
    """A row's size counts names and values, a number's digits by two."""
    assert capacity.size({"pk": {"S": "abc"}, "n": {"N": "1234"}, "codes": {"SS": ["ab", "cd"]}}) == 2 + 3 + 1 + 3 + 9


@pytest.mark.parametrize(
    ("plan", "users", "free_tier", "usd"),
    [
        ("Lite", 100_000, False, 550),
        ("Lite", 100_000, True, 495),
        ("Lite", 200_000, False, 550 + 460),
        ("Lite", 5_000, True, 0),
        ("Essentials", 100_000, False, 1500),
        ("Essentials", 100_000, True, 1350),
        ("Plus", 100_000, True, 2000),
    ],
)
def test_cognito(plan: str, users: int, usd: float, *, free_tier: bool) -> None:
    """Cognito's price falls by steps, and what is free is taken from the dearest of them."""
    assert prices.cognito(plan, users, free_tier=free_tier) == pytest.approx(usd)


def test_a_flow_is_charged_for_all_it_uses() -> None:
    """Every part of a million invocations has the price of what was used."""
    calls = {"Decrypt": 1, "SendEmail": 2, "PutEvents": 1, "GetItem": 1}
    used = Usage(calls=calls, read_units=8, write_units=2, logged=110, cpu=4.2)

    usd = BILLING.of_flow(used, [], routed=True)

    assert usd["API Gateway"] == pytest.approx(1)
    assert usd["DynamoDB"] == pytest.approx(8 * 0.125 + 2 * 0.625)
    assert usd["KMS"] == pytest.approx(3)
    assert usd["emails"] == pytest.approx(200)
    assert usd["EventBridge"] == pytest.approx(1)
    assert usd["logs"] == pytest.approx((110 + bill.PLATFORM_LOG + bill.ACCESS_LOG) / 1e9 * 0.5 * 1e6)
    assert usd["Lambda"] == pytest.approx(0.2 + 1769 / 1024 * 30e-3 * 13.3334)  # 4.2 ms and five trips, rounded up
    assert tuple(usd) == PARTS


def test_events_are_charged_to_the_flow_that_wrote_them() -> None:
    """What notify uses for an event is the flow's, but for a request of API Gateway: it makes none."""
    alone = BILLING.of_flow(Usage(), [], routed=True)
    together = BILLING.of_flow(Usage(), [Usage(calls={"SendEmail": 1})], routed=True)

    assert together["emails"] == pytest.approx(100)
    assert together["API Gateway"] == alone["API Gateway"]
    assert together["Lambda"] > 1.9 * alone["Lambda"]


def test_a_month_is_the_mix() -> None:
    """A month costs what each flow costs, as often as the mix says, for every user."""
    costs = {name: dict.fromkeys(PARTS, 0.0) for name in MIX} | {"oauth/token": dict.fromkeys(PARTS, 3.0)}

    assert bill.of_mix(costs)["Lambda"] == pytest.approx(3 * MIX["oauth/token"] * USERS / 1e6)


def test_rows_are_kept_until_they_expire() -> None:
    """A row that expires is there for its life, one that does not is there once a user."""
    used: dict[str, tuple[Usage, list[Usage]]] = {name: (Usage(), []) for name in MIX}
    used["oauth/token"] = (Usage(stored=[Stored(100, bill.MONTH // 2)]), [])
    used["sign-up/complete"] = (Usage(stored=[Stored(500, None)]), [])

    rows, size, expiring = bill.kept(used)

    assert expiring == MIX["oauth/token"] * USERS
    assert rows == pytest.approx(expiring / 2 + USERS)
    assert size == pytest.approx(expiring / 2 * 100 + USERS * 500)


def test_schedules() -> None:
    """A rate is read as seconds; what is no rate is refused."""
    assert [bill.seconds(f"rate({rate})") for rate in ("15 minutes", "1 hour", "2 days")] == [900, 3600, 172800]
    with pytest.raises(ValueError, match="no rate"):
        bill.seconds("cron(0 3 * * ? *)")


def test_a_crowd_has_ids_of_its_own(tmp_path: Path) -> None:
    """Accounts that are added are as the first, each with its own id, and with an address that names it."""
    table = f'"{crowd.TABLE}"'
    with sqlite3.connect(tmp_path / "shared-local-instance.db") as database:
        columns = "hashKey TEXT, rangeKey TEXT, hashValue BLOB, rangeValue BLOB, itemSize INTEGER, ObjectJSON BLOB"
        database.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY (hashKey, rangeKey))")
        database.execute(f'CREATE INDEX "{crowd.TABLE}*HVI" ON {table} (hashValue)')
        for kind, detail in (("account", {"email": {"S": "a@example.com"}}), ("address", {})):
            item = json.dumps({"pk": {"S": f"{kind}#1"}, "sk": {"S": kind}, "account_id": {"S": "1"}, **detail})
            row = (f"{kind}#1".encode(), kind.encode(), b"", b"", 300, item.encode())
            database.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", row)
    database.close()

    crowd.fill(tmp_path, 50)

    with sqlite3.connect(tmp_path / "shared-local-instance.db") as database:
        items = [json.loads(text) for (text,) in database.execute(f"SELECT ObjectJSON FROM {table}")]
    database.close()
    accounts, addresses = ([item for item in items if item["sk"]["S"] == kind] for kind in ("account", "address"))
    ids = {item["account_id"]["S"] for item in accounts}
    assert len(ids) == 51
    assert {item["account_id"]["S"] for item in addresses} == ids
    assert all(item["pk"]["S"] == f"account#{item['account_id']['S']}" for item in accounts)
