"""What can be registered of an application, and what proves that a program is it."""

from __future__ import annotations

from typing import Any

import pytest

from rekey.aws import store
from rekey.oauth import clients
from tests.actors import ADMIN
from tests.scenarios.clients import REASON, add, web
from tests.stack import Answer, Clock, Stack


def register(stack: Stack, **fields: Any) -> Answer:
    return stack.call("POST /admin/clients/add", web(**fields), caller=ADMIN)


def call(stack: Stack, act: str, client: dict[str, Any], **fields: Any) -> Answer:
    body = {"client_id": client["client_id"], "reason": REASON, **fields}
    return stack.call(f"POST /admin/clients/{act}", body, caller=ADMIN)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"name": " "}, {"field": "name", "code": "invalid"}),
        ({"name": "Shop\u202e"}, {"field": "name", "code": "invalid"}),
        ({"name": "x" * 61}, {"field": "name", "code": "too_long"}),
        ({"client_id": "Shop"}, {"field": "client_id", "code": "invalid"}),
        ({"type": "robot"}, {"field": "type", "code": "not_allowed"}),
        ({"redirect_uris": []}, {"field": "redirect_uris", "code": "missing"}),
        ({"redirect_uris": ["http://shop.example.com/in"]}, {"field": "redirect_uris", "code": "not_allowed"}),
        ({"redirect_uris": ["https://shop.example.com/in"] * 21}, {"field": "redirect_uris", "code": "too_long"}),
        ({"post_logout_redirect_uris": ["/out"]}, {"field": "post_logout_redirect_uris", "code": "invalid"}),
        ({"scopes": ["openid", "account"]}, {"field": "scopes", "code": "not_allowed"}),
        ({"scopes": ["two words"]}, {"field": "scopes", "code": "invalid"}),
        ({"scopes": ["openid"] * 21}, {"field": "scopes", "code": "too_long"}),
        ({"audiences": ["two words"]}, {"field": "audiences", "code": "invalid"}),
        ({"access_tokens": "jwt"}, {"field": "audiences", "code": "missing"}),
        ({"type": "spa", "pkce": "optional"}, {"field": "pkce", "code": "not_allowed"}),
        ({"type": "native", "pkce": "optional"}, {"field": "pkce", "code": "not_allowed"}),
        ({"type": "service"}, {"field": "redirect_uris", "code": "not_allowed"}),
        (
            {"type": "service", "redirect_uris": [], "post_logout_redirect_uris": ["https://shop.example.com/out"]},
            {"field": "post_logout_redirect_uris", "code": "not_allowed"},
        ),
    ],
)
def test_what_cannot_be_registered(stack: Stack, fields: dict[str, Any], refused: dict[str, str]) -> None:
    """The field that has to change is named; nothing is written, and nothing recorded."""
    answer = register(stack, **fields)

    assert (answer.status, answer.json["errors"]) == (422, [refused])
    assert stack.rows("AccountsTable") == stack.rows("EventsTable") == []


@pytest.mark.parametrize(
    "fields",
    [
        {"pkce": "optional"},
        {"access_tokens": "jwt", "audiences": ["https://api.example.com"]},
        {"type": "service", "redirect_uris": []},
        {"type": "native", "redirect_uris": ["com.example.shop:/in", "http://127.0.0.1/in"]},
    ],
)
def test_what_can_be(stack: Stack, fields: dict[str, Any]) -> None:
    """What each type is for."""
    assert register(stack, **fields).status == 201


def test_a_change_is_judged_with_what_stays(stack: Stack) -> None:
    """Nobody can come by two steps to what cannot be registered in one."""
    client = add(stack, type="spa")

    assert call(stack, "set", client, pkce="optional").json["errors"] == [{"field": "pkce", "code": "not_allowed"}]
    assert call(stack, "set", client, redirect_uris=[]).json["errors"] == [
        {"field": "redirect_uris", "code": "missing"}
    ]


def test_only_a_digest_of_the_secret_is_kept(stack: Stack) -> None:
    """What is answered once is nowhere to be read again."""
    client = add(stack)

    assert client["client_secret"].encode() not in repr(stack.rows("AccountsTable")).encode()
    assert "client_secret" not in call(stack, "set", client, name="The shop").json
    assert add(stack, type="spa")["client_secret"] is None


def test_a_secret_is_taken_until_it_is_replaced(stack: Stack, frozen: Clock) -> None:
    """The one before it for as long as was said, to the second; none of another application, ever."""
    client, other = add(stack), add(stack)
    new = call(stack, "rotate-secret", client, keep_old_for=60).json["client_secret"]
    row, old = clients.find(client["client_id"]), client["client_secret"]
    assert row

    assert [clients.is_secret(row, each) for each in (new, old, other["client_secret"], "", f"{new} ")] == [
        *(True, True),
        *(False, False, False),
    ]
    frozen.advance(60)
    assert [clients.is_secret(row, each) for each in (new, old)] == [True, False]


def test_a_leaked_secret_ends_at_once(stack: Stack) -> None:
    """With nothing kept of the old one, it is refused from the next request on."""
    client = add(stack)
    call(stack, "rotate-secret", client, keep_old_for=0)
    row = clients.find(client["client_id"])

    assert row
    assert not clients.is_secret(row, client["client_secret"])


def test_one_without_a_secret_has_none_to_guess(stack: Stack) -> None:
    """A program on a person's machine proves nothing by a secret, whatever it sends."""
    row = clients.find(add(stack, type="spa")["client_id"])

    assert row
    assert not clients.is_secret(row, add(stack)["client_secret"])


def test_events_name_who_why_and_which(stack: Stack) -> None:
    """They are of the application, of no account, and hold no secret."""
    client = add(stack)
    call(stack, "set", client, name="The shop")
    call(stack, "rotate-secret", client)
    call(stack, "remove", client, confirm=True)

    recorded = [store.from_item(row) for row in stack.rows("EventsTable")]
    assert {row["type"] for row in recorded} == {
        "client.added",
        "client.changed",
        "client.secret_rotated",
        "client.removed",
    }
    for row in recorded:
        assert (row["admin"], row["reason"], row["client_id"]) == (ADMIN, REASON, client["client_id"])
        assert "email" not in row


def test_to_remove_is_confirmed(stack: Stack) -> None:
    """By the word `true`: nobody removes one by a slip."""
    client = add(stack)

    assert call(stack, "remove", client, confirm=False).json["errors"] == [{"field": "confirm", "code": "missing"}]
    assert clients.find(client["client_id"])


def test_a_reason_is_asked_for(stack: Stack) -> None:
    """One that can be read on a terminal."""
    assert register(stack, reason=" ").json["errors"] == [{"field": "reason", "code": "invalid"}]
