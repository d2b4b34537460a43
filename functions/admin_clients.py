"""POST /admin/clients/…: the applications that people may sign in to, as an operator registers them.

Each change and the event that names the admin and the reason are one transaction. A secret is shown once.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET

from rekey import clock
from rekey.accounts import admins, events, keys
from rekey.accounts.event_types import CLIENT_ADDED, CLIENT_CHANGED, CLIENT_REMOVED, CLIENT_SECRET_ROTATED
from rekey.api.errors import (
    ClientExistsError,
    ClientNotFoundError,
    ClientWithoutSecretError,
    ConflictError,
    IamRequiredError,
    ValidationFailedError,
)
from rekey.api.http import Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.oauth import clients
from rekey.oauth.registration import (
    Added,
    Clients,
    ClientState,
    Named,
    Registered,
    Removed,
    SecretRotated,
    Set,
)

_REFUSES = (IamRequiredError, ValidationFailedError, ClientNotFoundError)


@route(
    "POST /admin/clients/add",
    body=Added,
    answers=(Registered,),
    status=HTTPStatus.CREATED,
    refuses=(IamRequiredError, ValidationFailedError, ClientExistsError),
)
def add(request: Request[Added]) -> Registered:
    """Register an application.

    One that runs on a server (`web`, `service`) gets a secret.
    """
    told = _told(request)
    client = {**_values(request.body), "created_at": clock.now(), "revision": 1}
    clients.require_fit(client)
    secret = clients.issue_secret(client["client_id"]) if clients.keeps_secret(client) else None
    if secret:
        client["secret_digest"] = secret.digest()
    try:
        store.transact(clients.adding(client), _event(CLIENT_ADDED, request, told))
    except ConditionFailedError:
        raise ClientExistsError from None
    return Registered(client_id=client["client_id"], client_secret=str(secret) if secret else None)


@route("POST /admin/clients/list", answers=(Clients,), refuses=(IamRequiredError,))
def list_all(request: Request[None]) -> Clients:
    """List the applications."""
    request.require_caller()
    return Clients([_state(each) for each in clients.list_all()])


@route("POST /admin/clients/show", body=Named, answers=(ClientState,), refuses=_REFUSES)
def show(request: Request[Named]) -> ClientState:
    """Show an application."""
    request.require_caller()
    return _state(_require_client(request))


@route("POST /admin/clients/set", body=Set, answers=(ClientState,), refuses=(*_REFUSES, ConflictError))
def change(request: Request[Set]) -> ClientState:
    """Change what is registered of an application.

    What you leave out stays.
    """
    told = _told(request)
    seen, changed = _require_client(request), _values(request.body)
    client = {**seen, **changed}
    clients.require_fit(client)
    _change(seen, changed, _event(CLIENT_CHANGED, request, told))
    return _state(client)


@route(
    "POST /admin/clients/rotate-secret",
    body=SecretRotated,
    answers=(Registered,),
    refuses=(*_REFUSES, ClientWithoutSecretError, ConflictError),
)
def rotate_secret(request: Request[SecretRotated]) -> Registered:
    """Replace an application's secret.

    The old one is accepted for `keep_old_for` seconds more. After a leak, send 0.
    """
    told = _told(request)
    client = _require_client(request)
    if not clients.keeps_secret(client):
        raise ClientWithoutSecretError
    secret = clients.issue_secret(client["client_id"])
    values = {
        "secret_digest": secret.digest(),
        "previous_secret_digest": client["secret_digest"],
        "previous_secret_until": clock.now() + request.body.keep_old_for,
    }
    _change(client, values, _event(CLIENT_SECRET_ROTATED, request, told))
    return Registered(client_id=client["client_id"], client_secret=str(secret))


@route("POST /admin/clients/remove", body=Removed, status=HTTPStatus.NO_CONTENT, refuses=_REFUSES)
def remove(request: Request[Removed]) -> None:
    """Remove an application.

    Nobody can sign in to it any more, and its tokens are not refreshed.
    """
    told = _told(request)
    admins.require_confirmation(request)
    try:
        store.transact(clients.removing(request.body.client_id), _event(CLIENT_REMOVED, request, told))
    except ConditionFailedError:
        raise ClientNotFoundError from None


def _told(request: Request[Any]) -> dict[str, str]:
    """Who does it, why and to which client. Raises IamRequiredError, ValidationFailedError."""
    admins.require_reason(request)
    request.note(client_id=request.body.client_id)
    return {**admins.by_whom(request), "client_id": request.body.client_id}


def _values(body: Added | Set) -> Row:
    """What the body says of the client, without what it leaves out."""
    told = msgspec.structs.asdict(body)
    del told["reason"]
    return {name: value for name, value in told.items() if value is not UNSET}


def _require_client(request: Request[Any]) -> Row:
    client = clients.find(request.body.client_id)
    if not client:
        raise ClientNotFoundError
    return client


def _event(kind: str, request: Request[Any], told: dict[str, str]) -> dict[str, Any]:
    return events.recording(keys.client(request.body.client_id), kind, email=None, client=request.client, **told)


def _change(seen: Row, values: dict[str, Any], event: dict[str, Any]) -> None:
    """Two changes at once could come to what neither would have been allowed, or lose a secret that was just shown."""
    try:
        store.transact(clients.changing(seen, values), event)
    except ConditionFailedError:
        raise ConflictError from None


def _state(row: Row) -> ClientState:
    until = row.get("previous_secret_until", 0)
    told = {name: row[name] for name in ClientState.__struct_fields__ if name in row} | {
        "created_at": clock.iso(row["created_at"]),
        "old_secret_until": clock.iso(until) if until > clock.now() else None,
    }
    return ClientState(**told)


lambda_handler = entry_point(add, list_all, show, change, rotate_secret, remove)
