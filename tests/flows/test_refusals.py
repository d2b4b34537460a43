"""Every route refuses what it declares, and nothing else: that is asserted on every call, in `Stack.call`."""

import re

import pytest

from local import openapi, openapi_refusals
from local.template import ROOT
from rekey.api.errors import (
    InputError,
    InsufficientScopeError,
    InvalidClientError,
    OAuthError,
    RekeyError,
    UnauthorizedError,
)
from tests.flows import (
    refusals_of_admins,
    refusals_of_applications,
    refusals_of_clients,
    refusals_of_limits,
    refusals_of_logout,
    refusals_of_proofs,
    refusals_of_signing_keys,
)
from tests.flows.refusals import REFUSALS, Provoking
from tests.stack import Clock, Stack

assert refusals_of_admins
assert refusals_of_applications
assert refusals_of_clients
assert refusals_of_limits
assert refusals_of_logout
assert refusals_of_proofs
assert refusals_of_signing_keys

DECLARED = [(key, refusal) for key, (_, route) in openapi.routes().items() for refusal in route.refuses]


@pytest.fixture
def parameters() -> dict[str, str]:
    """A limit that is soon reached."""
    return {"ClientMailLimit": "3"}


def test_every_refusal_is_provoked() -> None:
    """Each refusal that a route declares is provoked below."""
    never = [f"{route}: {error.code}" for route, error in DECLARED if (route, error) not in REFUSALS]

    assert not never, f"{never} never come up: provoke them in tests/flows/refusals*.py, once the route has a scenario"


@pytest.mark.parametrize("refusal", openapi_refusals.input_errors())
def test_whatever_is_said_of_a_field_comes_up(refusal: type[InputError]) -> None:
    """Each code by which a field is refused is expected by a test: held by reading them."""
    tests = [*(ROOT / "tests/flows").glob("*.py"), *(ROOT / "tests/unit").glob("*.py")]
    expected = {code for path in tests for code in re.findall(r'"(\w+)"', path.read_text())}
    never = {*openapi_refusals.field_codes(refusal)} - expected

    assert not never, f"{never} never come up: provoke each in tests/flows, at every route that may say it"


def test_no_other_refusal() -> None:
    """Nothing is provoked that no route declares any longer."""
    assert set(REFUSALS) <= set(DECLARED)


def test_every_route_declares_itself(stack: Stack) -> None:
    """The routes of the template, beside the hosted pages, are those the flows declare."""
    routes = {key for key, function in stack.routes.items() if function != "pages" and not key.startswith("HEAD ")}
    apart = routes ^ set(stack.flow_routes())

    assert not apart, f"{apart}: each route has an event in template.yaml, and its @route in the function there"


@pytest.mark.parametrize(
    ("error", "provoking"),
    [pytest.param(error, provoking, id=f"{key} {error.code}") for (key, error), provoking in REFUSALS.items()],
)
def test_refusal(stack: Stack, frozen: Clock, error: type[RekeyError], provoking: Provoking) -> None:
    """It ends in the refusal that is declared, in the form its standard has."""
    answer = provoking(stack, frozen)

    assert (answer.status, answer.code) == (error.status, error.code)
    assert answer.headers["Cache-Control"] == "no-store"
    if issubclass(error, OAuthError):
        assert set(answer.json) == {"error", "error_description"}
    else:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["type"] == f"urn:rekey:problem:{error.code}"
        assert answer.json["status"] == answer.status
    named = (UnauthorizedError, InsufficientScopeError, InvalidClientError)
    assert ("WWW-Authenticate" in answer.headers) == issubclass(error, named)
