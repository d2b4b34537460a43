"""What SES told is not lost to a fault, and none of it is in the log."""

import io

import pytest

import feedback
from local import simulator
from rekey import observability
from rekey.accounts import addresses, keys
from rekey.aws import store
from tests.faults.network import CONFLICT, LOST, THROTTLED, UNREACHED, network
from tests.scenarios import functions
from tests.scenarios.scenario import names_of
from tests.stack import Clock, Stack

EMAIL = "bounce@simulator.amazonses.com"
(UPDATE,) = names_of(functions.feedback.calls)


@pytest.mark.parametrize("kind", [THROTTLED, CONFLICT, UNREACHED, LOST])
def test_told_again(stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A fault that lasts raises, so that Lambda tries again and then keeps the notification; the log names nobody."""
    stack.sign_up(EMAIL)
    frozen.advance(60)
    log = io.StringIO()
    monkeypatch.setattr(observability.logger().registered_handler, "stream", log)
    event = simulator.sns_event(simulator.fate(EMAIL, frozen.now))

    with network(UPDATE, kind, lasting=True) as faulty, pytest.raises(feedback.NotRecordedError) as raised:
        stack.invoke("feedback", event)
    assert faulty.struck
    assert "simulator" not in log.getvalue() + repr(raised.value)
    assert raised.value.__suppress_context__
    stack.invoke("feedback", event)

    row = store.get("AccountsTable", keys.address(addresses.email_digest(EMAIL)))
    assert row
    assert row["delivery"]["state"] == "bounced"


@pytest.mark.parametrize("kind", ["crash-before", "crash-after"])
def test_crash(stack: Stack, frozen: Clock, kind: str) -> None:
    """Told again after a crash, before or after the write, it ends in the same state."""
    stack.sign_up(EMAIL)
    frozen.advance(60)
    event = simulator.sns_event(simulator.fate(EMAIL, frozen.now))
    with network(UPDATE, kind), pytest.raises(SystemExit):
        stack.invoke("feedback", event)

    assert stack.invoke("feedback", event) == {"outcomes": ["bounced"]}
