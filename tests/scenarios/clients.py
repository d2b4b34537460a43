"""What an operator does with the applications that people may sign in to."""

from __future__ import annotations

import secrets
from typing import Any

from tests.actors import ADMIN
from tests.scenarios.scenario import Request, scenario
from tests.stack import Stack

REASON = "Ticket 4711"
CHANGED = "GetItem.accounts TransactWriteItems"


def web(**fields: Any) -> dict[str, Any]:
    """What registers an application on a server."""
    return {
        "client_id": f"shop-{secrets.token_hex(4)}",
        "name": "Shop",
        "type": "web",
        "redirect_uris": ["https://shop.example.com/signed-in"],
        "reason": REASON,
        **fields,
    }


def add(stack: Stack, **fields: Any) -> dict[str, Any]:
    """One that is registered: all that was said of it, and its secret."""
    told = web(**fields)
    answer = stack.call("POST /admin/clients/add", told, caller=ADMIN)
    assert answer.status == 201, answer
    return {**told, **answer.json}


@scenario("POST /admin/clients/add", calls="TransactWriteItems", answers="201", again="409 client_exists")
def adding(_: Stack) -> Request:
    return Request(web(), caller=ADMIN)


@scenario("POST /admin/clients/list", calls="Query.accounts", answers="200", again="200")
def listing(stack: Stack) -> Request:
    add(stack)
    return Request(caller=ADMIN)


@scenario("POST /admin/clients/show", calls="GetItem.accounts", answers="200", again="200")
def showing(stack: Stack) -> Request:
    return Request({"client_id": add(stack)["client_id"]}, caller=ADMIN)


@scenario("POST /admin/clients/set", calls=CHANGED, answers="200", again="200", repeatable=True)
def setting(stack: Stack) -> Request:
    return Request({"client_id": add(stack)["client_id"], "name": "The shop", "reason": REASON}, caller=ADMIN)


@scenario("POST /admin/clients/rotate-secret", calls=CHANGED, answers="200", again="200", repeatable=True)
def rotating(stack: Stack) -> Request:
    return Request({"client_id": add(stack)["client_id"], "reason": REASON}, caller=ADMIN)


@scenario("POST /admin/clients/remove", calls="TransactWriteItems", answers="204", again="404 client_not_found")
def removing(stack: Stack) -> Request:
    return Request({"client_id": add(stack)["client_id"], "reason": REASON, "confirm": True}, caller=ADMIN)
