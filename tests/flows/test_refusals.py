"""Every route refuses what it declares, and nothing else: that is asserted on every call, in `Stack.call`."""

import pytest

from rekey.api.errors import OAuthError, RekeyError, UnauthorizedError
from tests.flows import refusals_of_admins, refusals_of_limits, refusals_of_proofs
from tests.flows.refusals import SCENARIOS, Scenario
from tests.stack import Clock, Stack

assert refusals_of_admins
assert refusals_of_limits
assert refusals_of_proofs


@pytest.fixture
def parameters() -> dict[str, str]:
    """A limit that is soon reached."""
    return {"ClientMailLimit": "3"}


def test_every_refusal_has_a_scenario(stack: Stack) -> None:
    """There is a scenario for each refusal that any route declares, and for no other."""
    declared = {(key, refusal) for key, route in stack.flow_routes().items() for refusal in route.refuses}

    assert set(SCENARIOS) == declared


def test_every_route_declares_itself(stack: Stack) -> None:
    """The routes of the template, beside the hosted pages, are those the flows declare."""
    assert set(stack.flow_routes()) == {key for key, function in stack.routes.items() if function != "pages"}


@pytest.mark.parametrize(
    ("error", "scenario"),
    [pytest.param(error, scenario, id=f"{key} {error.code}") for (key, error), scenario in SCENARIOS.items()],
)
def test_refusal(stack: Stack, frozen: Clock, error: type[RekeyError], scenario: Scenario) -> None:
    """The scenario ends in the refusal that is declared, in the form its standard has."""
    answer = scenario(stack, frozen)

    assert (answer.status, answer.code) == (error.status, error.code)
    assert answer.headers["Cache-Control"] == "no-store"
    if issubclass(error, OAuthError):
        assert set(answer.json) == {"error", "error_description"}
    else:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["type"] == f"urn:rekey:problem:{error.code}"
        assert answer.json["status"] == answer.status
    assert ("WWW-Authenticate" in answer.headers) == issubclass(error, UnauthorizedError)
