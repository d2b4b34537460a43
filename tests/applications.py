"""What an application, and the page in its name, ask of `/oauth/authorize`; and what comes of it."""

from __future__ import annotations

import urllib.parse
from typing import Any

from rekey.aws.store import from_item
from tests.scenarios.authorize import asking
from tests.scenarios.clients import add
from tests.stack import Account, Answer, Stack

AUTHORIZE = "POST /oauth/authorize"
ISSUER = "https://api.example.com"


def spa(stack: Stack, **fields: Any) -> dict[str, Any]:
    """An application of somebody else's."""
    return add(stack, type="spa", **fields)


def own(stack: Stack, **fields: Any) -> dict[str, Any]:
    """One of the team's."""
    return spa(stack, first_party=True, **fields)


def authorize(stack: Stack, account: Account | None, client: dict[str, Any], **fields: Any) -> Answer:
    """As the page asks for whoever is signed in, or nobody."""
    return stack.call(AUTHORIZE, asking(client, **fields), token=account.access_token if account else None)


def sent_back(answer: Answer, client: dict[str, Any]) -> dict[str, str]:
    """What the application is told, at the address that it has registered; and by whom."""
    assert answer.status == 200, answer
    address, _, query = answer.json["redirect_to"].partition("?")
    assert address == client["redirect_uris"][0]
    told = urllib.parse.parse_qsl(query, strict_parsing=True)
    assert len(dict(told)) == len(told)
    assert dict(told)["iss"] == ISSUER
    return dict(told)


def codes_of(stack: Stack) -> list[dict[str, Any]]:
    """The rows of codes that there are."""
    return [from_item(row) for row in stack.rows("TokensTable") if row["sk"]["S"].startswith("code#")]


def connected(stack: Stack, account: Account) -> list[str]:
    """The applications that the account is connected to, as its row has them."""
    rows = [from_item(row) for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account"]
    return sorted(*(row.get("applications", ()) for row in rows if row["account_id"] == account.account_id))


def events_of(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [row for row in map(from_item, stack.rows("EventsTable")) if row["type"] == kind]
