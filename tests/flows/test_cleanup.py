"""cleanup: deletes what has expired and what was revoked, in time, and goes on where it stopped."""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

import cleanup
from rekey import clock, settings
from rekey.aws import sdk, store
from tests import seeds
from tests.actors import context
from tests.calls import meanwhile, recording
from tests.stack import EMAIL, Account, Clock, Stack

TABLES = {"TokensTable", "EventsTable", "AccountsTable"}


def fill(number: int, expires_at: int, prefix: str = "old") -> None:
    for count in range(number):
        store.put("TokensTable", {"pk": f"{prefix}#{count}", "sk": "row", "expires_at": expires_at})


def left(stack: Stack, prefix: str = "old") -> int:
    return sum(row["pk"]["S"].startswith(prefix) for row in stack.rows("TokensTable"))


def run(stack: Stack, looks: int = 10**9) -> dict[str, Any]:
    """A run that has time at so many looks at the clock, and none from then on."""
    times = iter(range(looks))
    hurried = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000 if next(times, None) is not None else 0)
    answer: dict[str, Any] = stack.invoke("cleanup", {}, hurried)
    return answer


def kept(stack: Stack) -> store.Row:
    """By segment, what the next run is to go on with."""
    rows = map(store.from_item, stack.rows("TokensTable"))
    return next((dict(row["left"]) for row in rows if row["pk"] == "cleanup"), {})


def test_deletes_what_has_expired_and_nothing_else(stack: Stack, account: Account, frozen: Clock) -> None:
    """To the second: what is good for one more second stays, and so does what never expires."""
    fill(3, frozen.now)
    fill(2, frozen.now + 1, "living")
    accounts = stack.rows("AccountsTable")

    answer = run(stack)

    assert (answer["deleted"], answer["finished"]) == ({"row": 3}, True)
    assert (left(stack), left(stack, "living")) == (0, 2)
    assert stack.rows("AccountsTable") == accounts
    assert stack.is_signed_in(account.access_token)


def test_a_page_is_a_round(stack: Stack, frozen: Clock) -> None:
    """Tables of one page are read by a call each, each row once, and nothing is kept for a next run."""
    fill(60, frozen.now + 1)
    written = sum(len(stack.rows(table)) for table in TABLES)

    with recording() as calls:
        assert run(stack)["looked_at"] == written

    assert Counter(call.operation for call in calls) == {"GetItem": 1, "Scan": len(TABLES)}
    assert kept(stack) == {}


def test_a_longer_table_is_read_in_segments(stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row once, but for those of the page that showed how long it is."""
    monkeypatch.setattr(cleanup, "PAGE", 20)
    fill(100, frozen.now + 1)

    with recording() as calls:
        assert run(stack)["looked_at"] == 100 + cleanup.PAGE

    scans = [call.params for call in calls if call.operation == "Scan" and call.params["TableName"] == "TokensTable"]
    asked = {(scan["Segment"], scan["TotalSegments"]) for scan in scans}
    assert asked == {(0, 1), *((number, cleanup.SEGMENTS) for number in range(cleanup.SEGMENTS))}


def test_stops_in_time_and_goes_on(stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has no time left stops, says so, and the next ones go on from there, each row read about once."""
    monkeypatch.setattr(cleanup, "PAGE", 5)
    fill(300, frozen.now)
    answers = [run(stack, 100)]
    while not answers[-1]["finished"]:
        answers.append(run(stack, 100))

    assert len(answers) > 3
    assert sum(answer["deleted"].get("row", 0) for answer in answers) == 300
    assert left(stack) == 0
    most_read_again = cleanup.SEGMENTS * cleanup.PAGE * len(answers)
    assert sum(answer["looked_at"] for answer in answers) <= 300 + len(answers) + most_read_again


def test_segments_that_are_done_wait_for_the_others(
    stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a round no segment is read twice: the second run reads only what the first left."""
    monkeypatch.setattr(cleanup, "PAGE", 20)
    fill(100, frozen.now + 1)
    first = run(stack, len(TABLES) + 3)
    with recording() as calls:
        second = run(stack)

    assert 0 < first["segments_left"] < cleanup.SEGMENTS
    assert second["finished"]
    scans = [call.params for call in calls if call.operation == "Scan"]
    assert len({(scan["TableName"], scan["Segment"]) for scan in scans}) == first["segments_left"]


def test_no_time_at_all(stack: Stack, frozen: Clock) -> None:
    """A run without time does nothing, and loses nothing."""
    fill(3, frozen.now)

    none = stack.invoke("cleanup", {}, context(1000))

    assert (none["deleted"], none["looked_at"], none["finished"]) == ({}, 0, False)
    assert run(stack)["deleted"] == {"row": 3}


def test_twice(stack: Stack, frozen: Clock) -> None:
    """A second round finds nothing more to do."""
    fill(3, frozen.now)
    run(stack)

    assert run(stack)["deleted"] == {}


def test_a_round_that_ends_lets_the_next_begin(stack: Stack, frozen: Clock) -> None:
    """A run that goes on and gets through says so, or its successor would go on there for ever."""
    run(stack, 0)
    assert len(kept(stack)) == len(TABLES) * cleanup.SEGMENTS
    assert run(stack)["finished"]

    assert kept(stack) == {}
    fill(3, frozen.now)
    assert run(stack)["deleted"] == {"row": 3}


@pytest.mark.parametrize("segments", [3, 8, 11])
def test_another_number_of_segments(
    stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch, segments: int
) -> None:
    """After a new version with more or fewer segments, no row is skipped: a round goes on with those it began with."""
    fill(200, frozen.now)
    monkeypatch.setattr(cleanup, "PAGE", 5)
    run(stack, 150)
    monkeypatch.setattr(cleanup, "SEGMENTS", segments)

    answer = run(stack)

    assert answer["finished"]
    assert left(stack) == 0
    assert run(stack)["finished"]


def test_a_table_that_is_no_longer_ours(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restore to another table, the old one is not read: the policy would refuse that, run after run."""
    run(stack, 0)
    monkeypatch.setenv("EVENTS_TABLE", "AccountsTable")  # any that is there
    settings.settings.cache_clear()

    with recording() as calls:
        assert run(stack)["finished"]

    assert {call.params["TableName"] for call in calls if call.operation == "Scan"} == TABLES - {"EventsTable"}


def test_a_late_word_of_an_earlier_run(stack: Stack, frozen: Clock) -> None:
    """A run that is overtaken by others keeps nothing: what they kept stands, and no row is skipped."""
    fill(50, frozen.now + 1)
    run(stack, 0)

    def overtake() -> None:
        assert run(stack)["finished"]
        run(stack, 0)  # of the next round, cut short

    with meanwhile("Scan", overtake):
        assert run(stack)["finished"]

    assert len(kept(stack)) == len(TABLES) * cleanup.SEGMENTS


def test_a_row_renewed_meanwhile_stays(stack: Stack, frozen: Clock) -> None:
    """A row that is replaced by a living one after it was read is not deleted, nor counted."""
    fill(1, frozen.now)

    with meanwhile("DeleteItem", lambda: fill(1, clock.now() + 1)):
        answer = run(stack)

    assert (answer["deleted"], answer["finished"]) == ({}, True)
    assert left(stack) == 1


def test_a_registered_address_is_kept_for_good(stack: Stack, frozen: Clock) -> None:
    """Attempts at an address, before it was registered or after, give its row no expiry once it has an account."""
    for _ in range(2):
        stack.call("POST /sign-in", {"email": EMAIL, "password": "wrong"})
    before, after = stack.sign_up(), stack.sign_up("bob@example.com")
    stack.call("POST /sign-in", {"email": after.email, "password": "wrong"})

    frozen.advance(400 * 86400)
    run(stack)

    assert stack.sign_in(before).status == 200
    assert stack.sign_in(after).status == 200


def test_of_accounts_addresses_alone_are_deleted(stack: Stack, frozen: Clock) -> None:
    """What an earlier release left beside an account is TTL's: cleanup may delete nothing there, so it does not try."""
    for pk, sk in (("account#1", "event#1"), ("address#1", "address")):
        store.put("AccountsTable", {"pk": pk, "sk": sk, "expires_at": frozen.now})

    assert run(stack)["deleted"] == {"address": 1}
    assert [row["pk"]["S"] for row in stack.rows("AccountsTable")] == ["account#1"]


def test_it_reads_what_it_judges_by_and_no_more(stack: Stack, account: Account, frozen: Clock) -> None:
    """No answer of DynamoDB's holds a hash, an address, a secret or a digest: nothing that a log could repeat."""
    stack.call("POST /forgot", {"email": account.email})
    frozen.advance(cleanup.SETTLED)
    answers: list[dict[str, Any]] = []
    events = sdk.dynamodb().meta.events
    events.register("after-call.dynamodb", lambda parsed, **_: answers.append(parsed), unique_id="read")

    assert run(stack)["finished"]

    events.unregister("after-call.dynamodb", unique_id="read")
    batches = [rows for answer in answers for rows in answer.get("Responses", {}).values()]
    read = {
        name for rows in [*(answer.get("Items", []) for answer in answers), *batches] for row in rows for name in row
    }
    assert read == {"pk", "sk", "expires_at", "epoch", "token_epoch"}


def test_revoked_sessions_go(stack: Stack, account: Account, frozen: Clock) -> None:
    """Sessions that a raised epoch has ended go at once; the one that was lifted over it, and another's, stay."""
    stack.sign_in_again(account)
    stack.sign_in_again(account)
    other = stack.sign_up("bob@example.com")
    assert stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token).status == 204
    frozen.advance(cleanup.SETTLED)

    assert run(stack)["deleted"] == {"ended_session": 2}

    assert stack.is_signed_in(account.access_token)
    assert stack.is_signed_in(other.access_token)


def test_a_session_lifted_meanwhile_stays(stack: Stack, account: Account, frozen: Clock) -> None:
    """A session that is lifted to the new epoch between the look and the delete is not deleted."""
    frozen.advance(cleanup.SETTLED)
    row = next(row for row in map(store.from_item, stack.rows("TokensTable")) if row["sk"].startswith("session#"))
    raised = seeds.account_now({"account_id": account.account_id})
    store.put("AccountsTable", raised | {"token_epoch": raised["token_epoch"] + 1})

    with meanwhile("DeleteItem", lambda: store.put("TokensTable", row | {"epoch": row["epoch"] + 1})):
        assert run(stack)["deleted"] == {}

    assert stack.is_signed_in(account.access_token)


def test_sessions_without_an_account_go(stack: Stack, account: Account, frozen: Clock) -> None:
    """What is left of a deleted account is deleted, once it is no longer so young that its account may yet appear."""
    for row in stack.rows("AccountsTable"):
        if row["sk"]["S"] == "account":
            sdk.dynamodb().delete_item(TableName="AccountsTable", Key={"pk": row["pk"], "sk": row["sk"]})

    frozen.advance(cleanup.SETTLED - 1)
    assert run(stack)["deleted"] == {}
    frozen.advance(1)
    assert run(stack)["deleted"] == {"ended_session": 1}
    assert account


def test_accounts_are_read_a_hundred_at_a_time(stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the sessions of a page, each account is read once, in batches that DynamoDB takes."""
    monkeypatch.setattr(cleanup, "BATCH", 2)
    accounts = [seeds.new_account() for _ in range(7)]
    for each in [*accounts, *accounts]:
        seeds.issue_session(each)
    frozen.advance(cleanup.SETTLED)

    with recording() as calls:
        assert run(stack)["deleted"] == {}

    batches = [call.params["RequestItems"] for call in calls if call.operation == "BatchGetItem"]
    asked = [batch["AccountsTable"]["Keys"] for batch in batches if "AccountsTable" in batch]
    assert max(map(len, asked)) == 2
    assert Counter(key["pk"]["S"] for keys in asked for key in keys) == Counter(each["pk"] for each in accounts)


def test_counted(stack: Stack, account: Account, frozen: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """What a run did is told as metrics, by kind of row, and names no row."""
    stack.call("POST /sign-in", {"email": "nobody@example.com", "password": "wrong"})
    stack.call("POST /forgot", {"email": account.email})
    frozen.advance(int(stack.template.parameters["SessionLife"]))
    capsys.readouterr()

    run(stack)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    deleted = {line["kind"]: line["RowsDeleted"] for line in lines if "RowsDeleted" in line}
    assert deleted == {"session": [1.0], "limit": [8.0], "address": [1.0], "event": [2.0]}
    told = {name for line in lines for name in line}
    assert {"RowsLookedAt", "SegmentsLeft", "RoundFinished"} <= told
    assert account.account_id not in str(lines)
