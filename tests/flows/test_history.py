"""What the owner and an admin see of the past, a page at a time: no flood of strangers' requests hides any of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rekey.accounts import addresses, events, keys
from rekey.accounts.event_types import LOCKED, RESET_REQUESTED, SIGN_UP_REQUESTED
from rekey.api.client import Client
from rekey.aws import store
from tests.actors import ADMIN, administer
from tests.calls import recording
from tests.stack import EMAIL, Account, Answer, Clock, Stack

STRANGER = Client("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0")
Look = Callable[..., Answer]


def flood(email: str, kind: str, times: int = 40, **detail: str) -> None:
    """So many requests that anybody can make for an address, as the flows record them."""
    owner = keys.address(addresses.email_digest(email))
    for _ in range(times):
        store.transact(events.recording(owner, kind, email=email, client=STRANGER, **detail))


@pytest.fixture(params=["owner", "admin"])
def look(request: pytest.FixtureRequest, stack: Stack, account: Account) -> Look:
    """`look(events_before=…)`: the account as its owner or an admin is shown it."""

    def of_owner(**query: str) -> Answer:
        return stack.call("GET /account", token=account.access_token, query=query)

    def of_admin(**body: str) -> Answer:
        return administer(stack, "find", {"email": EMAIL, **body})

    return of_owner if request.param == "owner" else of_admin


def types(answer: Answer) -> list[str]:
    return [event["type"] for event in answer.json["events"]]


def pages(look: Look) -> list[list[dict[str, Any]]]:
    """Page after page, as far back as it goes."""
    found: list[list[dict[str, Any]]] = []
    before: dict[str, str] = {}
    while True:
        answer = look(**before).json
        found.append(answer["events"])
        if answer["events_next"] is None:
            return found
        before = {"events_before": answer["events_next"]}


def test_a_flood_hides_nothing_of_the_account(stack: Stack, account: Account, look: Look, frozen: Clock) -> None:
    """Forty requests of strangers, of either kind, are one entry each; what happened to the account stands beside."""
    stack.sign_in_again(account)
    flood(EMAIL, SIGN_UP_REQUESTED)
    frozen.advance(60)
    flood(EMAIL, RESET_REQUESTED)
    frozen.advance(60)
    flood(EMAIL, RESET_REQUESTED, 1)

    told = look().json

    assert [event["type"] for event in told["events"]] == [
        "password.reset_requested",
        "sign_up.requested",
        "sign_in.succeeded",
        "account.created",
    ]
    resets, sign_ups, signed_in, _ = told["events"]
    assert (resets["count"], sign_ups["count"], signed_in["count"]) == (41, 41, 1)  # the account's own sign-up is one
    assert (resets["first_at"], resets["at"]) == ("2027-01-15T08:02:40Z", "2027-01-15T08:03:40Z")
    assert signed_in["first_at"] == signed_in["at"]
    assert told["events_next"] is None


def test_the_past_is_read_a_page_at_a_time(
    stack: Stack, account: Account, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the account's events is on one page, and each request of a stranger is counted on one."""
    monkeypatch.setattr("rekey.accounts.history.SHOWN_EVENTS", 3)
    monkeypatch.setattr("rekey.accounts.history.FOLDED_EVENTS", 10)
    for _ in range(6):
        stack.sign_in_again(account)
    flood(EMAIL, RESET_REQUESTED, 24)

    found = pages(look)

    assert [len(page) for page in found] == [4, 4, 3]
    every = [event for page in found for event in page]
    assert [event["type"] for event in every].count("sign_in.succeeded") == 6
    assert [event["type"] for event in every].count("account.created") == 1
    assert [event["count"] for event in every if event["type"] == "password.reset_requested"] == [10, 10, 4]
    assert len({event["event_id"] for event in every}) == len(every)


def test_a_flood_brings_no_page_more(
    stack: Stack, account: Account, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many strangers ask, an event of the account stays on the page where it would be without them."""
    monkeypatch.setattr("rekey.accounts.history.SHOWN_EVENTS", 3)
    monkeypatch.setattr("rekey.accounts.history.FOLDED_EVENTS", 10)
    for _ in range(4):
        stack.sign_in_again(account)
    flood(EMAIL, RESET_REQUESTED, 60)
    flood(EMAIL, LOCKED, 2, factor="password")

    first, second, *_ = pages(look)

    assert "account.created" in [event["type"] for event in second]
    assert len(first) == 3 + 2


def test_an_admins_request_stands_alone(stack: Stack, account: Account, look: Look, frozen: Clock) -> None:
    """The audit of an admin's act is the account's own event: it is counted among no stranger's, and kept as long."""
    frozen.advance(60)
    assert administer(stack, "reset-password", {"account_id": account.account_id}).status == 202
    flood(EMAIL, RESET_REQUESTED)

    of_strangers, of_admin, *_ = [each for each in look().json["events"] if each["type"] == "password.reset_requested"]

    assert (of_strangers["count"], of_admin["count"]) == (40, 1)
    rows = stack.rows("EventsTable")
    (kept,) = [row for row in rows if row.get("type", {}).get("S") == RESET_REQUESTED and "admin" in row]
    assert kept["pk"]["S"] == f"account#{account.account_id}"
    assert int(kept["expires_at"]["N"]) - frozen.now == int(stack.template.parameters["EventLife"])


def test_an_admins_request_of_before_is_not_folded(stack: Stack, account: Account) -> None:
    """Older releases left it with the address."""
    owner = keys.address(addresses.email_digest(EMAIL))
    for reason in ("Ticket 1", "Ticket 2"):
        write = events.recording(owner, RESET_REQUESTED, email=EMAIL, client=STRANGER, admin=ADMIN, reason=reason)
        store.transact(write)
    flood(EMAIL, RESET_REQUESTED)

    shown = administer(stack, "find", {"account_id": account.account_id}).json["events"]

    assert [(each["reason"], each["count"]) for each in shown[:3]] == [(None, 40), ("Ticket 2", 1), ("Ticket 1", 1)]


def test_a_cursor_is_of_no_use_elsewhere(stack: Stack, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another account's cursor shows one's own past alone; it tells neither account nor address."""
    monkeypatch.setattr("rekey.accounts.history.SHOWN_EVENTS", 1)
    bob = stack.sign_up("bob@example.com")
    for _ in range(3):
        stack.sign_in_again(bob)
    of_bob = stack.call("GET /account", token=bob.access_token).json
    digest = addresses.email_digest(bob.email)
    assert not {bob.account_id, bob.email, digest} & {*of_bob["events_next"].split(".")}

    found = look(events_before=of_bob["events_next"]).json

    ids = {event["event_id"] for event in found["events"]}
    assert ids
    assert ids <= {event["event_id"] for page in pages(look) for event in page}
    assert "sign_in.succeeded" not in [event["type"] for event in found["events"]]  # of which only Bob has any


@pytest.mark.parametrize("cursor", ["", "x", f"{'0' * 28}", f"{'0' * 28}.{'0' * 27}", f"{'0' * 28}.event#{'0' * 22}"])
def test_what_is_no_cursor_is_refused(look: Look, cursor: str) -> None:
    """It never reaches a key of the tables."""
    answer = look(events_before=cursor)

    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.json["errors"] == [{"field": "events_before", "code": "invalid"}]


def test_every_page_costs_the_same(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood brings no call more, and neither does a page further back."""
    monkeypatch.setattr("rekey.accounts.history.FOLDED_EVENTS", 10)
    flood(EMAIL, RESET_REQUESTED, 25)
    look()  # what is made once a process
    made = []
    before: dict[str, str] = {}
    for _ in range(3):
        with recording() as calls:
            answer = look(**before).json
        made.append(sorted(call.operation for call in calls))
        before = {"events_before": answer["events_next"]}

    assert made[0] == made[1] == made[2]


def test_an_address_that_nobody_registered(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """An admin sees what was asked for it in the same way."""
    monkeypatch.setattr("rekey.accounts.history.FOLDED_EVENTS", 10)
    stack.call("POST /sign-up", {"email": "nobody@example.com"})
    flood("nobody@example.com", RESET_REQUESTED, 15)

    found = pages(lambda **body: administer(stack, "find", {"email": "nobody@example.com", **body}))

    assert [[(event["type"], event["count"]) for event in page] for page in found] == [
        [("password.reset_requested", 10)],
        [("password.reset_requested", 5), ("sign_up.requested", 1)],
    ]
