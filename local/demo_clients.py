"""The demo applications: one of each type, as `make run` brings them and docs/connect-your-app.md names them.

The secrets are printed in this file, so they belong in no real table.
"""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.oauth import clients
from rekey.oauth.types import OPENID_SCOPES
from rekey.sessions.tokens import CLIENT_SECRET, Token
from rekey.settings import settings

API = "https://api.example.com"
_SECRET_ID = "0194d3a0c0000000000000000007"


def _client(client_id: str, name: str, kind: str, redirect_uri: str, **other: Any) -> Row:
    return {
        "client_id": client_id,
        "name": name,
        "type": kind,
        "redirect_uris": [redirect_uri] if redirect_uri else [],
        "post_logout_redirect_uris": [redirect_uri] if redirect_uri and kind != "native" else [],
        "scopes": [*OPENID_SCOPES, "orders.read"],
        "audiences": [API],
        "first_party": True,
        "pkce": "required",
        "access_tokens": "opaque",
        "revision": 1,
        **other,
    }


CLIENTS = (
    _client("demo-spa", "Demo single-page app", "spa", "http://localhost:5173/", first_party=False),
    _client("demo-native", "Demo native app", "native", "http://127.0.0.1/signed-in"),
    _client(
        "demo-web",
        "Demo site",
        "web",
        "http://localhost:5000/signed-in",
        post_logout_redirect_uris=["http://localhost:5000/"],
    ),
    _client("demo-jwt", "Demo app with JWTs", "spa", "http://localhost:5174/", access_tokens="jwt"),
    _client("demo-api", "Demo API", "service", ""),
)


def secret_of(client_id: str) -> Token:
    owner = clients.issue_secret(client_id).owner
    return Token(CLIENT_SECRET, owner, _SECRET_ID, f"{client_id}-no-secret".ljust(43, "-"))


def seed() -> None:
    """Put them into the tables, as they are here, whatever was there."""
    for client in CLIENTS:
        digest = secret_of(client["client_id"]).digest() if clients.keeps_secret(client) else None
        row = {**client, "created_at": clock.now(), "secret_digest": digest}
        store.put(settings().accounts_table, {**keys.client(client["client_id"]), **row})
