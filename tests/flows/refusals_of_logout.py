"""Refusals: to sign somebody out whom nobody has asked, and to send people anywhere."""

from __future__ import annotations

from rekey.api import errors
from tests import seeds
from tests.flows.refusals import refusing
from tests.stack import Answer, Clock, Stack

LOGOUT = "POST /oauth/logout"


@refusing(LOGOUT, errors.ConfirmationRequiredError)
def sign_out_unasked(stack: Stack, _: Clock) -> Answer:
    return stack.call(LOGOUT, {}, token=seeds.issue_access(seeds.new_account()))


@refusing(LOGOUT, errors.RedirectUriInvalidError)
def go_on_to_anywhere(stack: Stack, _: Clock) -> Answer:
    return stack.call(LOGOUT, {"post_logout_redirect_uri": "https://attacker.example"})
