"""Invariant 6, from the lane on: an email that is owed goes out, whatever fails on the way."""

from __future__ import annotations

from typing import Any

import pytest

from rekey.mail import lanes
from tests.faults.network import LOST, THROTTLED, UNREACHED, network
from tests.scenarios import functions
from tests.scenarios.scenario import names_of
from tests.stack import EMAIL, PASSWORD, Account, Clock, Stack

CALLS = names_of(functions.mailer_link.calls)


@pytest.fixture
def letter(stack: Stack, account: Account) -> dict[str, Any]:
    """Somebody has forgotten the password: what the lane hands to mailer."""
    stack.deliver()
    stack.call("POST /forgot", {"email": account.email})
    return functions.letter(stack)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [THROTTLED, UNREACHED, LOST])
def test_letter_comes_again(stack: Stack, frozen: Clock, letter: dict[str, Any], call: str, kind: str) -> None:
    """The queue keeps it, or gets it anew where SES had no room; tried again, its newest link works."""
    with network(call, kind, lasting=True) as faulty:
        answer = stack.invoke("mailer", letter)
    assert faulty.struck

    if answer["batchItemFailures"]:
        assert stack.invoke("mailer", letter) == {"batchItemFailures": []}
    else:
        assert (call, kind) == ("SendEmail", THROTTLED)
        frozen.advance(lanes.LONGEST_DELAY)
    _require_working_link(stack)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ["crash-before", "crash-after"])
def test_crash(stack: Stack, letter: dict[str, Any], call: str, kind: str) -> None:
    """Should the process end between the link's row and its email, the next try mails a link that works."""
    with network(call, kind), pytest.raises(SystemExit):
        stack.invoke("mailer", letter)

    assert stack.invoke("mailer", letter) == {"batchItemFailures": []}
    _require_working_link(stack)


def test_queue_that_cannot_take_it_back(stack: Stack, letter: dict[str, Any]) -> None:
    """Where SES has no room and the queue takes nothing, the letter has failed: it is not deleted."""
    with network("SendEmail", THROTTLED, lasting=True), pytest.MonkeyPatch.context() as patched:
        patched.setattr(lanes, "put_back", _unreached)
        answer = stack.invoke("mailer", letter)

    assert answer == {"batchItemFailures": [{"itemIdentifier": letter["Records"][0]["messageId"]}]}


def _unreached(*_: Any) -> None:
    raise ConnectionError


def _require_working_link(stack: Stack) -> None:
    token = stack.mailed_token(EMAIL)
    body = {"token": token, "new_password": f"{PASSWORD}-2"}
    assert stack.call("POST /reset", body).status == 204
