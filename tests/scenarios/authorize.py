"""People sign in to applications, and withdraw them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from tests import seeds
from tests.scenarios.clients import add
from tests.scenarios.scenario import Request, scenario
from tests.stack import Stack

CALLS = "BatchGetItem TransactWriteItems"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPES = ["openid", "email"]


def asking(client: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What a library sends for a client, as the page passes it on."""
    return {
        "client_id": client["client_id"],
        "redirect_uri": client["redirect_uris"][0],
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": "a-state-of-the-application",
        "nonce": "a-nonce-of-the-application",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **fields,
    }


def allowing(client: dict[str, Any], scopes: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    """The same by somebody who has been shown the scopes, and allowed them."""
    return asking(client, page={"consent": SCOPES if scopes is None else scopes}, **fields)


@scenario("POST /oauth/authorize", "first party", calls=CALLS, answers="200", again="200", repeatable=True)
def first_party(stack: Stack) -> Request:
    client = add(stack, type="spa", first_party=True)
    return Request(asking(client), token=seeds.issue_access(seeds.new_account()))


@scenario("POST /oauth/authorize", "consent", calls=CALLS, answers="200", again="200", repeatable=True)
def consent(stack: Stack) -> Request:
    return Request(allowing(add(stack, type="spa")), token=seeds.issue_access(seeds.new_account()))


@scenario("POST /oauth/authorize", "connected", calls=CALLS, answers="200", again="200", repeatable=True)
def connected(stack: Stack) -> Request:
    client, token = add(stack, type="spa"), seeds.issue_access(seeds.new_account())
    assert stack.call("POST /oauth/authorize", allowing(client), token=token).status == 200
    return Request(asking(client), token=token)


@scenario("POST /applications/withdraw", calls=CALLS, answers="204", again="404 application_not_found")
def withdraw(stack: Stack) -> Request:
    client, token = add(stack, type="spa"), seeds.issue_access(seeds.new_account())
    assert stack.call("POST /oauth/authorize", allowing(client), token=token).status == 200
    return Request({"client_id": client["client_id"]}, token=token)
