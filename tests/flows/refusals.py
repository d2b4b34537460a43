"""Every refusal that a route declares, provoked, by route and error: mostly its right request with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from local import openapi
from rekey.api import errors
from rekey.api.errors import RekeyError
from tests import seeds
from tests.scenarios import applications
from tests.scenarios.every import BY_ROUTE
from tests.scenarios.scenario import Request, Scenario
from tests.stack import EMAIL, PASSWORD, Answer, Clock, Stack


def _of_an_application() -> str:
    """An access token with no scope that opens anything here."""
    return seeds.issue_granted(seeds.new_account(), seeds.register(), ["orders:read"]).access_token


Provoking = Callable[[Stack, Clock], Answer]

REFUSALS: dict[tuple[str, type[RekeyError]], Provoking] = {}

# What is wrong in the same way wherever it is declared.
ANYWHERE: dict[type[RekeyError], Callable[[Request], Request]] = {
    errors.ValidationFailedError: lambda right: (
        right.varied(page="yes", confirmed="yes")
        if right.body is not None
        else replace(right, query={"events_before": "x"})
    ),
    errors.AuthenticationRequiredError: lambda right: replace(right, token=None),
    errors.AccessTokenInvalidError: lambda right: replace(right, token="rka_forged"),
    errors.InsufficientScopeError: lambda right: replace(right, token=_of_an_application()),
    errors.InvalidClientError: lambda right: right.varied(client_id="nobody"),
    errors.IamRequiredError: lambda right: replace(right, caller=None),
    errors.AccountNotFoundError: lambda right: right.varied(account_id="0" * 28),
    errors.ClientNotFoundError: lambda right: right.varied(client_id="nobody"),
    errors.OneTimeTokenInvalidError: lambda right: right.varied(token="rkp_forged"),
    errors.InvalidRequestError: lambda right: replace(right, form={"grant_type": "refresh_token"}),
}
# The fields that are wrong.
WRONG: dict[tuple[str, type[RekeyError]], dict[str, str]] = {
    ("POST /sign-up/complete", errors.WeakPasswordError): {"password": "short"},
    ("POST /sign-in", errors.InvalidCredentialsError): {"password": "wrong"},
    ("POST /sign-in/totp", errors.ChallengeInvalidError): {"challenge_token": "rkc_forged"},
    ("POST /sign-in/totp", errors.TotpInvalidError): {"code": "000000"},
    ("POST /change", errors.InvalidCredentialsError): {"current_password": "wrong"},
    ("POST /change", errors.SamePasswordError): {"new_password": PASSWORD},
    ("POST /change", errors.WeakPasswordError): {"new_password": "short"},
    ("POST /reset", errors.WeakPasswordError): {"new_password": "short"},
    ("POST /totp/verify", errors.TotpInvalidError): {"code": "000000"},
    ("POST /reauthenticate", errors.InvalidCredentialsError): {"password": "wrong"},
    ("POST /revoke-tokens", errors.SessionNotFoundError): {"scope": "session", "session_id": "0" * 28},
    ("POST /devices/forget", errors.DeviceNotFoundError): {"device_id": "0" * 28},
    ("POST /oauth/token", errors.InvalidGrantError): {"refresh_token": "rkr_forged"},
    ("POST /oauth/token", errors.InvalidScopeError): {"scope": "everything"},
    ("POST /oauth/token", errors.UnsupportedGrantTypeError): {"grant_type": "password"},
}
# What only an application is refused, where a route is mostly asked by others.
BY_APPLICATION: dict[tuple[str, type[RekeyError]], Scenario] = {
    ("POST /oauth/token", errors.InvalidClientError): applications.redeem,
    ("POST /oauth/revoke", errors.InvalidClientError): applications.revoke,
}


def refusing(route: str, error: type[RekeyError]) -> Callable[[Provoking], Provoking]:
    def register(provoking: Provoking) -> Provoking:
        assert (route, error) not in REFUSALS
        REFUSALS[route, error] = provoking
        return provoking

    return register


def _varied(route: str, vary: Callable[[Request], Request], stack: Stack, _: Clock) -> Answer:
    return vary(BY_ROUTE[route].prepare(stack)).send(stack, route)


def _varied_of(scenario: Scenario, vary: Callable[[Request], Request], stack: Stack, _: Clock) -> Answer:
    return vary(scenario.prepare(stack)).send(stack, scenario.route)


def _with_fields(fields: dict[str, str], right: Request) -> Request:
    return right.varied(**fields)


def _asks_too_often(route: str, stack: Stack, _: Clock) -> Answer:
    for number in range(int(stack.template.parameters["ClientMailLimit"])):
        assert stack.call(route, {"email": f"person{number}@example.com"}).status == 202
    return stack.call(route, {"email": EMAIL})


for key, (_, declared) in openapi.routes().items():
    for each in declared.refuses:
        if each in ANYWHERE and key in BY_ROUTE and (key, each) not in BY_APPLICATION:
            refusing(key, each)(partial(_varied, key, ANYWHERE[each]))
for (key, each), fields in WRONG.items():
    refusing(key, each)(partial(_varied, key, partial(_with_fields, fields)))
for (key, each), asked in BY_APPLICATION.items():
    refusing(key, each)(partial(_varied_of, asked, ANYWHERE[each]))
for key in ("POST /sign-up", "POST /forgot"):
    refusing(key, errors.TooManyRequestsError)(partial(_asks_too_often, key))
