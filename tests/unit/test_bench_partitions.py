"""The simulation of docs/scale.md: what it counts and what it makes of that, on loads small enough to check by hand."""

from __future__ import annotations

import pytest

from benchmarks import heat, partitions, quotas
from benchmarks.heat import Key
from benchmarks.touches import Flow, Touch, touches_of
from tests.calls import Call

ADDRESS = {"pk": {"S": "address#0123"}, "sk": {"S": "address"}}
EVENT = {"pk": {"S": "account#abcd"}, "sk": {"S": f"event#{'0' * 28}"}}
NAMES = {"0123": "{address}", "abcd": "{account}"}


def counting(*touches: Touch) -> Flow:
    return Flow(touches, kms=1)


def keys(count: int, **asked: float) -> list[Key]:
    """So many keys, evenly placed, each asked for alike."""
    return [Key("user", (number + 0.5) / count, honest=True, **asked) for number in range(count)]


def test_a_transaction_costs_twice() -> None:
    """Each write of a transaction costs two units a KB, and its key says whose the row is, not which."""
    writes = [{"Update": {"TableName": "A", "Key": ADDRESS}}, {"Put": {"TableName": "A", "Item": EVENT}}]
    sizes = {("address#0123", "address"): 1025}

    touched = list(touches_of(Call("TransactWriteItems", {"TransactItems": writes}), NAMES, sizes))

    assert touched == [
        Touch("A", "address#{address}", "address", writes=4),
        Touch("A", "account#{account}", "event#{id}", writes=2),
    ]


@pytest.mark.parametrize(("of_row", "units"), [(0, 1), (4096, 1), (4097, 2)])
def test_a_consistent_read_costs_a_unit_each_4_kb(of_row: int, units: int) -> None:
    """A read costs a unit for each 4 KB that were begun, and one where there is no row."""
    sizes = {("address#0123", "address"): of_row} if of_row else {}

    touched = list(touches_of(Call("GetItem", {"TableName": "A", "Key": ADDRESS}), NAMES, sizes))

    assert touched == [Touch("A", "address#{address}", "address", reads=units)]


def test_an_unknown_call_is_not_passed_over() -> None:
    """A call that the simulation cannot count stops it: left out, the load would look smaller than it is."""
    with pytest.raises(NotImplementedError):
        list(touches_of(Call("Query", {"TableName": "A"}), NAMES, {}))


def test_load_adds_up_to_the_rate() -> None:
    """However few are drawn, the tables are asked for what the rate says; the rows of one person are one key."""
    flow = counting(Touch("A", "account#{account}", "account", reads=1), Touch("A", "account#{account}", "x", writes=2))
    people = [partitions.person(1), partitions.person(2), partitions.person(1)]

    load = partitions.asked((flow, people, 300))["A"]

    assert sorted((key.writes, key.reads) for key in load) == [(200, 100), (400, 200)]


def test_drawing_is_skewed_and_repeatable() -> None:
    """The same people are drawn each time; the busiest more often than others, and nobody beyond the last."""
    drawn = [int(who["account"], 16) for who in partitions.draw(1_000, 10_000)]

    assert drawn == [int(who["account"], 16) for who in partitions.draw(1_000, 10_000)]
    assert drawn.count(1) > 5 * drawn.count(500)
    assert min(drawn) >= 1
    assert max(drawn) <= 1_000


def test_a_split_leaves_a_hot_key_alone() -> None:
    """Splitting for heat separates one hot key from its neighbours, and cannot split the key itself."""
    neighbours = keys(64, writes=10)
    hot = Key("hot", 0.501, honest=False, writes=10_000)

    halves = heat.split([*neighbours, hot])

    assert [half for half in halves if heat.heat(half) > 1] == [[hot]]
    assert sum(map(len, halves)) == 65


def test_only_the_overload_is_refused() -> None:
    """A partition asked for four times what it gives refuses three quarters, and its neighbour nothing."""
    cool, hot = keys(2, writes=500), [*keys(2, writes=500), Key("hot", 0.5, honest=False, writes=3_000)]

    assert heat.refused([cool]) == 0
    assert heat.refused([hot]) == 0.75
    assert heat.refused([cool, hot]) == 0.375


def test_judge_names_the_hottest_key() -> None:
    """A flood on one key is seen as such, and slows honest users only until the table has split around it."""
    flood = Key("address#{address}", 0.3, honest=False, writes=5_000)

    judged = heat.judge([*keys(1_000, writes=4), flood])

    assert (judged["hottest_key"], judged["hottest_key_heat"]) == ("address#{address}", 5)
    assert judged["partitions"] == 8
    assert judged["refused_new"] > judged["refused_grown"] > judged["refused_split"] == 0


def test_reads_make_a_key_hot() -> None:
    """What is only read is hot above 3,000 units a second."""
    assert heat.heat(keys(1, reads=6_000)) == 2


def test_quotas_in_the_order_in_which_they_fail() -> None:
    """The quota that is exceeded most stands first, by the lower of the rates."""
    rows = [
        {"quota": "later", "default": 100, "needs": [10, 100_000]},
        {"quota": "first", "default": 100, "needs": [200, 20_000]},
    ]

    lines = quotas.table(rows).splitlines()[2:]

    assert lines == [
        "| first | 100 | 200 (2.00x) | 20,000 (200.00x) |",
        "| later | 100 | 10 (0.10x) | 100,000 (1000.00x) |",
    ]


def test_the_table_shows_the_hotter_of_the_two() -> None:
    """Of each load, the row of the table whose key is hottest is printed, and no other."""
    same = {"rate": 1_000, "traffic": "nothing else", **heat.judge(keys(4, writes=10))}
    rows = [{**same, "table": "AccountsTable"}, {**same, "table": "TokensTable", "hottest_key_heat": 0.5}]

    printed = partitions.tables({"partitions": rows, "quotas": []})

    assert "| 1,000 | nothing else | Tokens | 40 | 0 | `user` | 50.0% |" in printed
    assert "Accounts" not in printed


def test_needs_follow_from_the_flows() -> None:
    """What is asked of KMS and EventBridge is what the flows were seen to ask: a fifth of the sign-ins take a code."""
    event = Touch("AccountsTable", "account#{account}", "event#{id}", writes=2)
    flows = {"sign-in": Flow((event,), 0), "challenge": Flow((), 0), "code": Flow((event,), 1)}
    rows = [
        {"rate": rate, "traffic": "nothing else", "table": table, "writes": 5 * rate}
        for rate in quotas.RATES
        for table in ("AccountsTable", "TokensTable", "EventsTable")
    ]

    needs = {row["quota"]: row["needs"] for row in quotas.needs(flows, rows)}

    assert needs["KMS: operations/s"] == [200, 20_000]
    assert needs["EventBridge: PutEvents/s"] == [1_000, 100_000]
    assert needs["DynamoDB: writes/s of Tokens"] == [5_000, 500_000]
