"""Invariant 6: every event that owes a mail gets it, at least once, whatever fails on the way."""

import pytest
from moto.events.models import EventsBackend

from tests.faults.network import LOST, THROTTLED, UNREACHED, Network, network
from tests.scenarios import functions
from tests.scenarios.scenario import names_of
from tests.stack import EMAIL, PASSWORD, Account, Stack

pytestmark = pytest.mark.usefixtures("account")
CALLS = names_of(functions.notify_link.calls)


@pytest.fixture
def records(stack: Stack, account: Account) -> list[dict[str, object]]:
    """Somebody has forgotten the password: what the stream hands to notify."""
    stack.deliver()
    stack.call("POST /forgot", {"email": account.email})
    return stack.stream()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [THROTTLED, UNREACHED, LOST])
def test_record_is_tried_again(stack: Stack, records: list[dict[str, object]], call: str, kind: str) -> None:
    """A record whose mail may not have gone out is named to the stream; tried again, its newest link works."""
    with network(call, kind, lasting=True) as faulty:
        answer = stack.invoke("notify", {"Records": records})
    _require_named(answer, records, faulty)

    assert stack.invoke("notify", {"Records": records}) == {"batchItemFailures": []}
    _require_working_link(stack)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ["crash-before", "crash-after"])
def test_crash(stack: Stack, records: list[dict[str, object]], call: str, kind: str) -> None:
    """Should the process end between the link's row and its mail, the next try mails a link that works."""
    with network(call, kind), pytest.raises(SystemExit):
        stack.invoke("notify", {"Records": records})

    assert stack.invoke("notify", {"Records": records}) == {"batchItemFailures": []}
    _require_working_link(stack)


def test_event_refused_by_the_bus(
    stack: Stack, records: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 200 of PutEvents that took no event is a failure like another."""
    refused = [{"ErrorCode": "InternalFailure", "ErrorMessage": "a fault of the tests"}]
    with monkeypatch.context() as patched:
        patched.setattr(EventsBackend, "put_events", lambda *_: refused)
        answer = stack.invoke("notify", {"Records": records})

    assert answer == {"batchItemFailures": [{"itemIdentifier": _sequence_number(records[0])}]}


def _require_named(answer: object, records: list[dict[str, object]], faulty: Network) -> None:
    assert faulty.struck
    assert answer == {"batchItemFailures": [{"itemIdentifier": _sequence_number(records[0])}]}


def _sequence_number(record: dict[str, object]) -> object:
    change = record["dynamodb"]
    assert isinstance(change, dict)
    return change["SequenceNumber"]


def _require_working_link(stack: Stack) -> None:
    token = stack.mailed_token(EMAIL)
    body = {"token": token, "new_password": f"{PASSWORD}-2"}
    assert stack.call("POST /reset", body).status == 204
