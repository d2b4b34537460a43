"""Each route and function has a scenario, and does just what it says: its calls of AWS, in order, and its answers."""

from __future__ import annotations

from operator import attrgetter

import pytest

from local.template import load_template
from tests.actors import administer
from tests.calls import recording
from tests.faults.network import network
from tests.scenarios.every import BY_FUNCTION, BY_ROUTE, EVERYTHING, INVOCATIONS, SCENARIOS
from tests.scenarios.scenario import Invocation, Scenario, in_order, names_of, outcome, told
from tests.stack import Account, Stack, deployed_with

ROUTES = load_template().routes()
# What the contract allows a success at most, whatever is added to it. The scenarios have the calls themselves.
BUDGETS = {
    "authorizer": 1,
    "forgot": 1,
    "reset": 2,
    "revoke-tokens, all": 2,
    "revoke-tokens, others": 2,
    "revoke-tokens, one": 2,
    "oauth/revoke": 2,
    "oauth/token": 2,
    "oauth/logout": 3,
    "oauth/token, narrowed": 2,
    "oauth/token, application": 2,
    "oauth/token, application, JWT": 3,  # one of them the signature
    "oauth/token, code": 3,  # one of them the signature, at once with another
    "oauth/token, code, without openid": 2,
    "oauth/token, code for a JWT": 4,  # two of them signatures
    "oauth/userinfo": 1,
    "oauth/introspect/client": 1,
    "change": 3,
    "sign-in": 4,
    "sign-in, challenged": 4,
    "sign-in, made-up device": 5,
    "sign-in, known device": 3,
    "sign-in, challenged on a known device": 3,
    "sign-in, trusted device": 3,
    "sign-in, after a reset": 3,
    "sign-in/totp, code on a known device": 4,
    "devices/forget": 2,
    "oauth/authorize, first party": 2,
    "oauth/authorize, consent": 2,
    "oauth/authorize, connected": 2,
    "applications/withdraw": 2,
    "totp/setup": 3,
    "totp/verify": 4,
    "totp/disable": 2,
    "totp/recovery-codes": 2,
    "reauthenticate": 3,
    "reauthenticate, code": 5,
    "sign-in/totp, code": 4,
}


@pytest.mark.parametrize("route", [route for route, function in ROUTES.items() if function not in BY_FUNCTION])
def test_every_route_has_a_scenario(route: str) -> None:
    """So that it has budgets, faults, refusals and a place in the story. What only serves files has an invocation."""
    assert route.replace("HEAD ", "GET ") in BY_ROUTE, (
        f"{route} has no scenario: add one to the file of tests/scenarios/ where it belongs"
    )


@pytest.mark.parametrize("function", load_template().functions())
def test_every_function_has_a_scenario(function: str) -> None:
    """Where no route of the API leads to a function, it has an invocation."""
    has_one = function in BY_FUNCTION or function in ROUTES.values()

    assert has_one, f"{function} has no scenario: add an invocation to tests/scenarios/functions.py"


def test_scenarios_are_of_what_there_is() -> None:
    """None is left of a route or a function that is gone, and no two have one name."""
    names = [each.name for each in EVERYTHING]

    gone = ({*BY_ROUTE} - {*ROUTES}) | ({*BY_FUNCTION} - {*load_template().functions()})

    assert not gone, f"{gone}: tests/scenarios/ has what template.yaml has not"
    assert len(names) == len(set(names))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=attrgetter("name"))
def test_scenario(stack: Stack, scenario: Scenario) -> None:
    """The calls are those it names, in their order; the answers are its own, at first and when asked again."""
    attempt = scenario.attempt(stack)

    with network() as calm:
        first = attempt()

    where = f"is that meant? Then say so in {scenario.prepare.__module__.replace('.', '/')}.py"
    assert (told(first), told(attempt())) == (scenario.answers, scenario.again), where
    made = in_order(calm.calls, scenario.calls)
    assert made == scenario.calls, f"{scenario.name} makes the calls {made!r}: {where}"


@pytest.mark.parametrize("invocation", INVOCATIONS, ids=attrgetter("name"))
def test_invocation(stack: Stack, invocation: Invocation) -> None:
    """A function that AWS invokes makes the calls it names, and answers so."""
    attempt = invocation.attempt(stack)

    with network() as calm:
        answer = attempt()

    assert outcome(invocation.function, answer) == invocation.answers
    made = in_order(calm.calls, invocation.calls)
    assert made == invocation.calls, f"{invocation.name} makes the calls {made!r}: is that meant?"


@pytest.mark.parametrize("name", BUDGETS)
def test_budget(name: str) -> None:
    """No scenario of the contract's table makes more calls than it is allowed."""
    calls = next(each.calls for each in EVERYTHING if each.name == name)

    assert len(names_of(calls)) <= BUDGETS[name], calls


@pytest.mark.parametrize("name", ["sign-in", "sign-in/totp, code"])
def test_a_limit_of_sessions_takes_one_query(stack: Stack, name: str) -> None:
    """And no call where there is none, which is the default: its scenario above has the calls."""
    scenario = next(each for each in SCENARIOS if each.name == name)

    with deployed_with(SESSION_LIMIT="1"):
        attempt = scenario.attempt(stack)
        with network() as calm:
            assert attempt().status == 200

    assert sorted(calm.calls) == sorted([*names_of(scenario.calls), "Query.tokens"])
    assert calm.calls[-2:] == ["Query.tokens", "TransactWriteItems"]


def test_deleting_an_account_with_rows(stack: Stack, account: Account) -> None:
    """Gone in two calls; then a look into each of five parts, and a batch for each that holds a row."""
    with recording() as calls:
        answer = administer(stack, "delete", {"account_id": account.account_id})

    assert answer.json["finished"]
    assert len(calls) == 2 + 5 + 4, [call.operation for call in calls]
