"""Refusals: of keys that are not there, that turn already, or that are turned meanwhile."""

from __future__ import annotations

from rekey.api import errors
from tests.calls import meanwhile
from tests.flows.refusals import refusing
from tests.scenarios.signing_keys import rotate
from tests.stack import Answer, Clock, Stack

ROTATE = "POST /admin/signing-keys/rotate"


@refusing(ROTATE, errors.SigningKeyNotFoundError)
def end_what_is_not_there(stack: Stack, _: Clock) -> Answer:
    return rotate(stack, leaked="another")


@refusing(ROTATE, errors.SigningKeysTurningError)
def turn_too_early(stack: Stack, _: Clock) -> Answer:
    rotate(stack)
    return rotate(stack)


@refusing(ROTATE, errors.ConflictError)
def turn_while_they_are_turned(stack: Stack, _: Clock) -> Answer:
    with meanwhile("TransactWriteItems", lambda: rotate(stack)):
        return rotate(stack)
