"""The flows that are measured, each brought to the point where it succeeds: for most, as the tests of faults do it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.stage import Stage, Timing, seeding
from rekey.accounts import events
from tests import story
from tests.demo_events import load_event
from tests.engine import seeds
from tests.faults.flows import FLOWS as TESTED

Attempt = Callable[[], Any]


def _authorizer(stage: Stage) -> Attempt:
    access = seeds.issue_session(seeds.new_account()).access_token
    event = load_event("authorizer")
    event["headers"]["authorization"] = f"Bearer {access}"
    return partial(stage.invoke, "authorizer", event)


def _notify(stage: Stage) -> Attempt:
    """One event that owes a mail."""
    account = seeds.new_account()
    written = events.recording(account, events.PASSWORD_CHANGED, email=account["email"], client=seeds.CALLER)
    event = load_event("notify")
    event["Records"][0]["dynamodb"]["NewImage"] = written["Put"]["Item"]
    return partial(stage.invoke, "notify", event)


def _forgot(stage: Stage) -> Attempt:
    """For an address that has an account: to an unknown one no mail goes."""
    return partial(stage.call, "POST /forgot", {"email": seeds.new_account()["email"]})


def _cleanup(stage: Stage) -> Attempt:
    return partial(stage.invoke, "cleanup", load_event("cleanup"), story.context())


_tested = {flow.name: flow.prepare for flow in TESTED}

FLOWS: dict[str, Callable[[Stage], Attempt]] = {
    "sign-up": _tested["sign-up"],
    "sign-up/complete": _tested["complete"],
    "sign-in": _tested["sign-in"],
    "sign-in, challenged": _tested["challenge"],
    "sign-in/totp, code": _tested["code"],
    "sign-in/totp, recovery code": _tested["recovery-code"],
    "change": _tested["change"],
    "forgot": _forgot,
    "reset": _tested["reset"],
    "totp/setup": _tested["setup"],
    "totp/verify": _tested["verify"],
    "totp/recovery-codes": _tested["replace-codes"],
    "totp/disable": _tested["disable"],
    "revoke-tokens, all": _tested["revoke-all"],
    "oauth/revoke": _tested["oauth-revoke"],
    "refresh": _tested["refresh"],
    "account": _tested["account"],
    "authorizer": _authorizer,
    "notify": _notify,
    "cleanup": _cleanup,
}

WITHOUT_ROUTE = {"authorizer", "notify", "cleanup"}  # API Gateway does not count them as requests of its own


def has_succeeded(answer: Any) -> bool:
    """Whether a flow did what it was prepared for."""
    if isinstance(answer, dict):
        return bool(answer.get("isAuthorized") or answer.get("finished") or answer.get("batchItemFailures") == [])
    return bool(answer.status < 300)  # noqa: PLR2004


def run_block(stage: Stage, name: str, count: int) -> list[Timing]:
    """A flow so many times in a row, all its rows made beforehand."""
    with seeding():
        attempts = [FLOWS[name](stage) for _ in range(count)]
    taken = []
    for attempt in attempts:
        answer = attempt()
        assert has_succeeded(answer), f"{name}: {answer}"
        taken.append(stage.last)
    return taken
