"""The functions that AWS itself invokes, and the one that serves the pages."""

from __future__ import annotations

import json
from typing import Any

from local import simulator
from rekey import clock, ids
from rekey.accounts import event_types, events
from rekey.aws import store
from tests import seeds
from tests.actors import authorizing
from tests.demo_events import load_event
from tests.scenarios.scenario import invocation
from tests.stack import Stack


@invocation("authorizer", calls="BatchGetItem", answers=True)
def authorizer(_: Stack) -> dict[str, Any]:
    return authorizing(seeds.issue_access(seeds.new_account()))


@invocation("notify", calls="PutEvents SendMessageBatch", answers=[])
def notify(_: Stack) -> dict[str, Any]:
    """One event that owes a notice."""
    account = seeds.new_account()
    written = events.recording(account, event_types.PASSWORD_CHANGED, email=account["email"], client=seeds.CALLER)
    event = load_event("notify")
    event["Records"][0]["dynamodb"]["NewImage"] = written["Put"]["Item"]
    return event


@invocation("notify", "link", calls="GetItem.accounts PutEvents SendMessageBatch", answers=[])
def notify_link(stack: Stack) -> dict[str, Any]:
    """One event that owes a link."""
    stack.stream()
    stack.call("POST /forgot", {"email": seeds.new_account()["email"]})
    return {"Records": stack.stream()}


@invocation(
    "mailer", calls="GetItem.events GetItem.accounts UpdateItem.tokens GetItem.accounts#2 SendEmail", answers=[]
)
def mailer(stack: Stack) -> dict[str, Any]:
    """A letter that owes a notice."""
    account = seeds.new_account()
    store.transact(events.recording(account, event_types.PASSWORD_CHANGED, email=account["email"], client=seeds.CALLER))
    return letter(stack)


@invocation(
    "mailer",
    "link",
    calls="GetItem.events GetItem.accounts GetItem.accounts#2 UpdateItem.tokens SendEmail",
    answers=[],
)
def mailer_link(stack: Stack) -> dict[str, Any]:
    """A letter that owes a link."""
    stack.call("POST /forgot", {"email": seeds.new_account()["email"]})
    return letter(stack)


@invocation(
    "mailer",
    "sign-up",
    calls="GetItem.events GetItem.accounts GetAccount TransactWriteItems UpdateItem.tokens SendEmail",
    answers=[],
)
def mailer_sign_up(stack: Stack) -> dict[str, Any]:
    """A letter to a stranger."""
    stack.call("POST /sign-up", {"email": f"{ids.new_id()}@example.com"})
    return letter(stack)


def letter(stack: Stack) -> dict[str, Any]:
    """Of the newest event in the stream, as its lane hands it to mailer."""
    *_, newest = stack.stream()
    row = store.from_item(newest["dynamodb"]["NewImage"])
    event = load_event("mailer")
    event["Records"][0]["body"] = json.dumps({"pk": row["pk"], "sk": row["sk"]})
    return event


@invocation("feedback", calls="UpdateItem.accounts", answers=["delivered"])
def feedback(_: Stack) -> dict[str, Any]:
    return simulator.sns_event(simulator.fate(seeds.new_account()["email"], clock.now()))


@invocation("cleanup", calls="GetItem.tokens Scan.tokens+Scan.events+Scan.accounts", answers=True)
def cleanup(_: Stack) -> dict[str, Any]:
    """Nothing has expired, and each table is of one page."""
    return load_event("cleanup")


@invocation("pages", calls="", answers=200)
def pages(_: Stack) -> dict[str, Any]:
    return load_event("pages")
