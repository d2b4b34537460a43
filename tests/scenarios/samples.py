"""What the events in events/ are answered where the demo account is: what their route's scenario says."""

from __future__ import annotations

from typing import Any

from local.template import load_template
from tests.demo_events import load_event
from tests.scenarios.every import BY_FUNCTION, BY_ROUTE

FUNCTIONS = sorted(load_template().functions())
_OTHERWISE = {"totp_verify": 401}  # the code in the file is no code of this moment


def answer_to_sample(function: str) -> Any:
    """HTTP functions by status, the others by what they answer: see `outcome`."""
    if function in _OTHERWISE:
        return _OTHERWISE[function]
    if function in BY_FUNCTION:
        return BY_FUNCTION[function].answers
    route = load_event(function)["routeKey"]
    assert route in BY_ROUTE, f"{route} has no scenario in tests/scenarios/"
    return int(BY_ROUTE[route].answers[:3])
