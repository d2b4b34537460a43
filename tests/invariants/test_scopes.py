"""No application ever manages an account: every route that takes a bearer token refuses one without scope `account`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local import openapi
from local.template import ROOT, load_template
from rekey.api.errors import AuthenticationRequiredError, InsufficientScopeError
from rekey.sessions import sessions
from tests import seeds
from tests.scenarios.every import BY_ROUTE
from tests.scenarios.scenario import Scenario
from tests.stack import Stack

# The routes that are for applications, each with the scope that it asks for instead.
FOR_APPLICATIONS = {"GET /oauth/userinfo": "openid", "POST /oauth/userinfo": "openid"}
TAKE_A_BEARER = [key for key, (_, route) in openapi.routes().items() if AuthenticationRequiredError in route.refuses]


def of_application(_: Stack) -> str:
    """All scopes that an application can have."""
    client = seeds.register()
    return seeds.issue_granted(seeds.new_account(), client, client["scopes"]).access_token


def of_application_that_says_account(_: Stack) -> str:
    """What a registration that went wrong, or a row written by hand, might grant."""
    client = seeds.register(scopes=["account", "openid"])
    return seeds.issue_granted(seeds.new_account(), client, ["account", "openid"]).access_token


def of_application_that_says_account_again(stack: Stack) -> str:
    """The same, once it is refreshed."""
    client = seeds.register(scopes=["account", "openid", "offline_access"])
    granted = seeds.issue_granted(seeds.new_account(), client, client["scopes"])
    form = {"grant_type": "refresh_token", "refresh_token": str(granted.refresh_token)}
    answer = stack.call("POST /oauth/token", form={**form, "client_id": client["client_id"]})
    return str(answer.json["access_token"])


def narrowed(stack: Stack) -> str:
    """Of a direct sign-in, for an API that must not be able to change a password."""
    refresh_token = seeds.issue_session(seeds.new_account()).refresh_token
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "scope": "openid email profile offline_access",
    }
    return str(stack.call("POST /oauth/token", form=form).json["access_token"])


TOKENS = [of_application, of_application_that_says_account, of_application_that_says_account_again, narrowed]


@pytest.mark.parametrize("issue", TOKENS, ids=lambda issue: issue.__name__)
@pytest.mark.parametrize("route", [key for key in TAKE_A_BEARER if key not in FOR_APPLICATIONS])
def test_every_route_refuses(stack: Stack, route: str, issue: Callable[[Stack], str]) -> None:
    """By name, with what is lacking, before anything else is judged; and nothing has changed."""
    right = BY_ROUTE[route].prepare(stack)
    token = issue(stack)
    before = {table: stack.rows(table) for table in ("AccountsTable", "TokensTable", "EventsTable")}

    answer = stack.call(route, right.body, token=token, query=right.query)

    assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rekey", error="insufficient_scope", scope="account"'
    assert {table: stack.rows(table) for table in before} == before


@pytest.mark.parametrize("route", TAKE_A_BEARER)
def test_every_route_declares_it(route: str) -> None:
    """A route that takes a bearer token declares what it refuses: so that the documents say it, and the test above."""
    assert InsufficientScopeError in openapi.routes()[route][1].refuses


def test_no_route_takes_a_bearer_unseen() -> None:
    """Whatever reads a bearer token refuses who sends none, and so is in the table: but for a function that is asked by
    nobody's browser, and two that are also asked by people who are not signed in (tests/flows/test_authorize.py and
    test_logout.py).
    """
    declared = {function for key, (function, _) in openapi.routes().items() if key in TAKE_A_BEARER}
    sources = {function: (ROOT / f"functions/{function}.py").read_text() for function in load_template().functions()}

    seen_to = {"authorizer", "authorize", "logout"}

    assert {name for name, source in sources.items() if "bearer" in source} - declared <= seen_to


@pytest.mark.parametrize("scenario", [BY_ROUTE[key] for key in TAKE_A_BEARER if key in BY_ROUTE], ids=lambda s: s.name)
def test_a_direct_sign_in_opens_all(stack: Stack, scenario: Scenario) -> None:
    """As it did before there were scopes."""
    assert scenario.attempt(stack)().status < 300


def test_the_scopes_of_a_direct_sign_in() -> None:
    assert sessions.DIRECT == ("account", "openid", "email", "profile", "offline_access")
