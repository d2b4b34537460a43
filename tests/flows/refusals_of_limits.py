"""Refusals: allowances that are used up. Even the right request is refused then."""

from __future__ import annotations

from functools import partial

from rekey.api import errors
from tests.flows.refusals import refusing
from tests.scenarios import passwords, sign_in, sign_up, two_factor
from tests.scenarios.scenario import Scenario, told
from tests.stack import Answer, Clock, Stack

# The field that is guessed, with a wrong value.
GUESSED: dict[Scenario, dict[str, str]] = {
    sign_in.sign_in: {"password": "wrong"},
    sign_in.code: {"code": "000000"},
    passwords.change: {"current_password": "wrong"},
    two_factor.verify: {"code": "000000"},
    two_factor.reauthenticate: {"password": "wrong"},
}


def _guessing(scenario: Scenario, wrong: dict[str, str], stack: Stack, _: Clock) -> Answer:
    right = scenario.prepare(stack)
    for _attempt in range(int(stack.template.parameters["AttemptLimit"])):
        assert right.varied(**wrong).send(stack, scenario.route).status == 401
    return right.send(stack, scenario.route)


for guessed, wrong in GUESSED.items():
    refusing(guessed.route, errors.TooManyRequestsError)(partial(_guessing, guessed, wrong))


@refusing("POST /email/verify", errors.TooManyRequestsError)
def mails_at_once(stack: Stack, _: Clock) -> Answer:
    attempt = sign_up.verify_email.attempt(stack)
    assert told(attempt()) == "202"
    return attempt()
