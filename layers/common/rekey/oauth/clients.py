"""The applications that people may sign in to: what is registered of each, and how one proves that it is the one.

An operator registers them (`rekey-admin client add`); nobody registers by itself (RFC 7591 is not offered).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from rekey import clock, ids
from rekey.accounts import keys
from rekey.api.errors import FieldCode, ValidationFailedError
from rekey.aws import store
from rekey.aws.store import Row
from rekey.oauth import uris
from rekey.oauth.types import CONFIDENTIAL
from rekey.sessions import tokens
from rekey.sessions.tokens import CLIENT_SECRET, Token
from rekey.settings import settings

MOST = 20  # addresses, scopes or audiences of one client
LONGEST_NAME = 60  # characters
ID = "[a-z0-9][a-z0-9-]{1,62}"
_SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._/-]{0,63}")  # of what RFC 6749 §3.3 allows, what no shell minds
_AUDIENCE = re.compile(r"[!-~]{1,200}")


def require_fit(client: Row) -> None:
    """Judge what is to be registered. Raises ValidationFailedError."""
    name = client["name"]
    if not name.strip() or not name.isprintable():  # people are shown it
        raise ValidationFailedError("name", "invalid")
    _require_fit_addresses(client, "redirect_uris")
    _require_fit_addresses(client, "post_logout_redirect_uris")
    _require_texts(client, "scopes", _SCOPE)
    _require_texts(client, "audiences", _AUDIENCE)
    for field, code in _contradictions(client):
        raise ValidationFailedError(field, code)


def _require_fit_addresses(client: Row, field: str) -> None:
    if len(client[field]) > MOST:
        raise ValidationFailedError(field, "too_long")
    for uri in client[field]:
        if refusal := uris.judge(uri, client["type"]):
            raise ValidationFailedError(field, refusal)


def _require_texts(client: Row, field: str, form: re.Pattern[str]) -> None:
    if len(client[field]) > MOST:
        raise ValidationFailedError(field, "too_long")
    if not all(map(form.fullmatch, client[field])):
        raise ValidationFailedError(field, "invalid")


def _contradictions(client: Row) -> list[tuple[str, FieldCode]]:
    """What cannot be together, by the field that has to change."""
    is_service = client["type"] == "service"
    wrong: dict[tuple[str, FieldCode], bool] = {
        ("scopes", "not_allowed"): tokens.ACCOUNT in client["scopes"],
        ("redirect_uris", "missing"): not is_service and not client["redirect_uris"],
        ("redirect_uris", "not_allowed"): is_service and bool(client["redirect_uris"]),
        ("post_logout_redirect_uris", "not_allowed"): is_service and bool(client["post_logout_redirect_uris"]),
        # Who keeps no secret has nothing else that ties a code to the one who asked for it (RFC 9700 §2.1.1).
        ("pkce", "not_allowed"): client["pkce"] == "optional" and client["type"] != "web",
        # A JWT that names nobody would be taken by any API that trusts the keys (RFC 9068 §4).
        ("audiences", "missing"): client["access_tokens"] == "jwt" and not client["audiences"],
    }
    return [named for named, holds in wrong.items() if holds]


def is_id(text: str) -> bool:
    """Whether it has the form of an id. What has not makes no key: DynamoDB takes no key of any length."""
    return bool(re.fullmatch(ID, text))


def find(client_id: str) -> Row | None:
    return store.get(settings().accounts_table, keys.client(client_id))


def list_all() -> list[Row]:
    """In the order of their ids."""
    rows = store.query(settings().accounts_table, keys.client("")["pk"], keys.client("")["sk"], limit=1000)
    return rows[::-1]


def adding(client: Row) -> dict[str, Any]:
    """The write that registers a client. Its condition fails where the id is taken."""
    return store.putting(settings().accounts_table, {**keys.client(client["client_id"]), **client})


def changing(seen: Row, values: dict[str, Any]) -> dict[str, Any]:
    """The write that sets attributes of a client. Its condition fails if it was changed or removed meanwhile."""
    return store.updating(
        settings().accounts_table,
        keys.client(seen["client_id"]),
        f"SET {', '.join(f'#{name} = :{name}' for name in values)}, revision = revision + :one",
        "revision = :seen",
        names=tuple(values),
        **values,
        seen=seen["revision"],
        one=1,
    )


def removing(client_id: str) -> dict[str, Any]:
    return store.deleting(settings().accounts_table, keys.client(client_id), "attribute_exists(pk)")


def keeps_secret(client: Row) -> bool:
    return client["type"] in CONFIDENTIAL


def issue_secret(client_id: str) -> Token:
    """The only plain copy of a secret; a digest of it is kept."""
    owner = hashlib.sha256(client_id.encode()).hexdigest()[:32]
    return tokens.issue_token(CLIENT_SECRET, owner, ids.new_id())


def is_secret(client: Row, presented: str) -> bool:
    """Whether it is the client's secret, or the one before it while that is still taken."""
    secret = tokens.parse_token(CLIENT_SECRET, presented)
    if not secret:
        return False
    is_previous = secret.matches(client.get("previous_secret_digest"))
    return secret.matches(client.get("secret_digest")) or (
        is_previous and client["previous_secret_until"] > clock.now()
    )
