"""Every refusal that a route declares, provoked: a scenario for each, by route and error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rekey.api import errors
from rekey.api.errors import RekeyError
from tests.actors import ADMIN
from tests.stack import EMAIL, Answer, Clock, Stack

Scenario = Callable[[Stack, Clock], Answer]

SCENARIOS: dict[tuple[str, type[RekeyError]], Scenario] = {}

_BY_ADDRESS = {"email": EMAIL, "reason": "Ticket 4711"}
ADMIN_BODIES: dict[str, dict[str, Any]] = {
    "POST /admin/find": {"email": EMAIL},
    "POST /admin/reset-password": _BY_ADDRESS,
    "POST /admin/mail-again": _BY_ADDRESS,
    "POST /admin/force-sign-in": {**_BY_ADDRESS, "confirm": True},
    "POST /admin/clear-totp": _BY_ADDRESS,
    "POST /admin/unlock": _BY_ADDRESS,
    "POST /admin/disable": _BY_ADDRESS,
    "POST /admin/enable": _BY_ADDRESS,
    "POST /admin/delete": {"account_id": "0" * 28, "reason": "Ticket 4711", "confirm": True},
}
# A body of the right form for each JSON route, for scenarios that are not about the body.
BODIES: dict[str, dict[str, Any]] = {
    "POST /sign-up": {"email": EMAIL},
    "POST /sign-up/complete": {"token": "x", "password": "Another-Horse-7"},
    "POST /sign-in": {"email": EMAIL, "password": "x"},
    "POST /sign-in/totp": {"challenge_token": "x", "code": "000000"},
    "POST /change": {"current_password": "x", "new_password": "Another-Horse-7"},
    "POST /forgot": {"email": EMAIL},
    "POST /reset": {"token": "x", "new_password": "Another-Horse-7"},
    "POST /email/verify": {},
    "POST /email/verify/complete": {"token": "x"},
    "POST /totp/setup": {},
    "POST /totp/verify": {"code": "000000"},
    "POST /totp/recovery-codes": {"password": "x", "code": "000000"},
    "POST /totp/disable": {"password": "x", "code": "000000"},
    "POST /revoke-tokens": {"scope": "all"},
    **ADMIN_BODIES,
}
SIGNED_IN = (
    "POST /change",
    "POST /email/verify",
    "POST /totp/setup",
    "POST /totp/verify",
    "POST /totp/recovery-codes",
    "POST /totp/disable",
    "POST /revoke-tokens",
    "GET /account",
)
BY_LINK = {"POST /sign-up/complete": "password", "POST /reset": "new_password"}
BY_MAIL = ("POST /sign-up", "POST /forgot")


def refusing(route: str, error: type[RekeyError]) -> Callable[[Scenario], Scenario]:
    def register(scenario: Scenario) -> Scenario:
        assert (route, error) not in SCENARIOS
        SCENARIOS[route, error] = scenario
        return scenario

    return register


def _unknown_field(route: str) -> Scenario:
    return lambda stack, _: stack.call(route, {**BODIES[route], "admin": "yes"}, caller=ADMIN)


def _no_token(route: str) -> Scenario:
    return lambda stack, _: stack.call(route, BODIES.get(route))


def _forged_token(route: str) -> Scenario:
    return lambda stack, _: stack.call(route, BODIES.get(route), token="rka_forged")


def _bad_link(route: str) -> Scenario:
    return lambda stack, _: stack.call(route, BODIES[route])


def _weak_password(route: str, field: str) -> Scenario:
    def scenario(stack: Stack, _: Clock) -> Answer:
        if route == "POST /reset":
            stack.sign_up()
            stack.call("POST /forgot", {"email": EMAIL})
        else:
            stack.call("POST /sign-up", {"email": EMAIL})
        return stack.call(route, {"token": stack.mailed_token(), field: "short"})

    return scenario


def _asks_too_often(route: str) -> Scenario:
    def scenario(stack: Stack, _: Clock) -> Answer:
        asked = int(stack.template.parameters["ClientMailLimit"])
        for number in range(asked):
            assert stack.call(route, {"email": f"person{number}@example.com"}).status == 202
        return stack.call(route, {"email": EMAIL})

    return scenario


for key in BODIES:
    SCENARIOS[key, errors.ValidationFailedError] = _unknown_field(key)
for key in SIGNED_IN:
    SCENARIOS[key, errors.AuthenticationRequiredError] = _no_token(key)
    SCENARIOS[key, errors.AccessTokenInvalidError] = _forged_token(key)
for key, name in BY_LINK.items():
    SCENARIOS[key, errors.OneTimeTokenInvalidError] = _bad_link(key)
    SCENARIOS[key, errors.WeakPasswordError] = _weak_password(key, name)
for key in BY_MAIL:
    SCENARIOS[key, errors.TooManyRequestsError] = _asks_too_often(key)
