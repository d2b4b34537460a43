"""Those who call besides the owner: an admin, a service, an API's gateway, SES, Lambda's clock."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from local import simulator
from rekey import clock
from tests.demo_events import load_event
from tests.stack import Answer, Stack

SERVICE = "arn:aws:sts::123456789012:assumed-role/orders/i-0123456789"
ADMIN = "arn:aws:iam::123456789012:user/ada"


def administering(act: str, whom: dict[str, Any]) -> dict[str, Any]:
    """The body of an admin's call: whom it is about, and all that it takes besides."""
    reason = {} if act == "find" else {"reason": "Ticket 4711"}
    confirmed = {"confirm": True} if act in {"force-sign-in", "delete"} else {}
    return {**reason, **confirmed, **whom}


def administer(stack: Stack, act: str, whom: dict[str, Any]) -> Answer:
    """A call of an admin's; what `whom` says besides takes precedence."""
    return stack.call(f"POST /admin/{act}", administering(act, whom), caller=ADMIN)


def stop_mails(stack: Stack, email: str) -> list[str]:
    """A mail comes back for good. What that leads to."""
    bounce: dict[str, Any] = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": email}],
    }
    told = simulator.notification("Bounce", address=email, at=clock.now(), **bounce)
    outcomes: list[str] = stack.invoke("feedback", simulator.sns_event(told))["outcomes"]
    return outcomes


def authorizing(access_token: str) -> dict[str, Any]:
    """What API Gateway asks an authorizer."""
    event = load_event("authorizer")
    event["headers"]["authorization"] = f"Bearer {access_token}"
    return event


def context(milliseconds: int = 300_000) -> Any:
    """Lambda's context, with so much time left."""
    return SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)
