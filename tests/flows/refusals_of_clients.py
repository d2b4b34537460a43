"""Refusals: of applications that are registered already, keep no secret, or change meanwhile."""

from __future__ import annotations

from rekey.api import errors
from tests.actors import ADMIN
from tests.calls import meanwhile
from tests.flows.refusals import refusing
from tests.scenarios.clients import REASON, add, web
from tests.stack import Answer, Clock, Stack


def _call(stack: Stack, act: str, client: dict[str, object], **fields: object) -> Answer:
    body = {"client_id": client["client_id"], "reason": REASON, **fields}
    return stack.call(f"POST /admin/clients/{act}", body, caller=ADMIN)


@refusing("POST /admin/clients/add", errors.ClientExistsError)
def add_again(stack: Stack, _: Clock) -> Answer:
    taken = add(stack)["client_id"]
    return stack.call("POST /admin/clients/add", web(client_id=taken), caller=ADMIN)


@refusing("POST /admin/clients/rotate-secret", errors.ClientWithoutSecretError)
def rotate_what_is_not_there(stack: Stack, _: Clock) -> Answer:
    return _call(stack, "rotate-secret", add(stack, type="spa"))


@refusing("POST /admin/clients/set", errors.ConflictError)
def set_while_it_is_changed(stack: Stack, _: Clock) -> Answer:
    client = add(stack)
    with meanwhile("TransactWriteItems", lambda: _call(stack, "set", client, pkce="optional")):
        return _call(stack, "set", client, name="The shop")


@refusing("POST /admin/clients/rotate-secret", errors.ConflictError)
def rotate_while_it_is_rotated(stack: Stack, _: Clock) -> Answer:
    client = add(stack)
    with meanwhile("TransactWriteItems", lambda: _call(stack, "rotate-secret", client)):
        return _call(stack, "rotate-secret", client)
