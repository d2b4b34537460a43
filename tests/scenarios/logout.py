"""Applications send people to sign out."""

from __future__ import annotations

from typing import Any

from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.oauth import id_tokens, signing_keys
from rekey.sessions import tokens
from rekey.sessions.tokens import ACCESS
from rekey.settings import settings
from tests import seeds
from tests.scenarios import signing_keys as turning
from tests.scenarios.clients import add
from tests.scenarios.scenario import Request, scenario
from tests.stack import Stack

ISSUER = "https://api.example.com"
HOME = "https://shop.example.com/signed-out"


def shop(stack: Stack) -> dict[str, Any]:
    """An application that has registered where people go after they have signed out."""
    return add(stack, post_logout_redirect_uris=[HOME])


def hint_of(access_token: str, client_id: str, issuer: str = ISSUER) -> str:
    """The ID token that the application has got with this access token."""
    token = tokens.parse_token(ACCESS, access_token)
    assert token
    session = store.get(settings().tokens_table, keys.session(token.owner, token.token_id))
    account = store.get(settings().accounts_table, keys.account(token.owner))
    assert session
    assert account
    return id_tokens.begin(issuer, client_id, account, session, ["openid"], None, access_token).result()


def own_session(account: Row, client_id: str) -> str:
    """The access token of a session of the application's own."""
    access_token = seeds.issue_access(account)
    token = tokens.parse_token(ACCESS, access_token)
    assert token
    key = keys.session(token.owner, token.token_id)
    row = store.get(settings().tokens_table, key)
    connection = seeds.connect(account, {"client_id": client_id, "name": "Shop", "scopes": ["openid"]})
    store.put(settings().tokens_table, {**(row or {}), "client_id": client_id, "connection": connection})
    return access_token


def _leaving(stack: Stack) -> Request:
    client, account = shop(stack), seeds.new_account()
    hint = hint_of(own_session(account, client["client_id"]), client["client_id"])
    return Request(
        {"id_token_hint": hint, "post_logout_redirect_uri": HOME, "state": "s"}, token=seeds.issue_access(account)
    )


@scenario("POST /oauth/logout", calls="Verify BatchGetItem TransactWriteItems", answers="200", again="200")
def with_hint(stack: Stack) -> Request:
    turning.begin_anew()
    signing_keys.forget()
    return _leaving(stack)


@scenario(
    "POST /oauth/logout",
    "cold",
    calls="GetItem.accounts Verify BatchGetItem TransactWriteItems",
    answers="200",
    again="200",
)
def in_a_new_environment(stack: Stack) -> Request:
    turning.begin_anew()
    signing_keys.forget()
    leaving = _leaving(stack)
    signing_keys.forget()
    return leaving


@scenario(
    "POST /oauth/logout", "turned key", calls="Verify BatchGetItem TransactWriteItems", answers="200", again="200"
)
def with_another_key(stack: Stack) -> Request:
    turning.begin_anew()
    assert turning.rotate(stack, leaked=settings().signing_key).status == 200
    signing_keys.forget()
    return _leaving(stack)


@scenario("POST /oauth/logout", "confirmed", calls="BatchGetItem TransactWriteItems", answers="200", again="200")
def confirmed(_: Stack) -> Request:
    return Request({"confirmed": True}, token=seeds.issue_access(seeds.new_account()))
