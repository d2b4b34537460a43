"""What people have connected: the applications that get codes for an account, and what each may ask for.

They are one map on the account's row. Each session of an application names its connection, and lives as long as that
(docs/decisions/0027).
"""

from __future__ import annotations

from typing import Any

import msgspec

from rekey import clock, ids
from rekey.accounts import changes
from rekey.api.errors import TooManyApplicationsError
from rekey.api.fields import Time
from rekey.aws.store import Row
from rekey.oauth.registration import ClientId

MOST = 50  # of an account: its row is read at every request


class ApplicationState(msgspec.Struct, kw_only=True):
    """An application that is connected, as its owner sees it."""

    client_id: ClientId
    name: str
    scopes: list[str]
    connected_at: Time


def find(account: Row, client: Row) -> Row | None:
    """A connection. An older one than the application is of another, which had its id before."""
    found = account.get("applications", {}).get(client["client_id"])
    return found if found and found["connected_at"] >= client["created_at"] else None


def covers(connection: Row | None, scopes: list[str]) -> bool:
    """Whether nothing is asked for beyond what the application has."""
    return connection is not None and set(scopes) <= set(connection["scopes"])


def widened(account: Row, client: Row, scopes: list[str]) -> Row:
    """The connection as it is with these scopes, too. Raises TooManyApplicationsError."""
    found = find(account, client)
    connected = account.get("applications", {})
    if client["client_id"] not in connected and len(connected) >= MOST:
        raise TooManyApplicationsError
    had: list[str] = found["scopes"] if found else []
    return {
        "name": client["name"],
        "connection": found["connection"] if found else ids.new_id(),
        "scopes": [*had, *(each for each in scopes if each not in had)],
        "connected_at": found["connected_at"] if found else clock.now(),
    }


def keeping(account: Row, client: Row, connection: Row) -> dict[str, Any]:
    """The write that keeps a connection, or checks that it is still what was read, in a session that still counts."""
    living = changes.in_epoch(account["token_epoch"])
    if connection == find(account, client):
        return changes.checking(account, living, changes.connected_as(account))
    return changes.updating(account, living, changes.connecting(account, client["client_id"], connection))


def describe(account: Row) -> list[ApplicationState]:
    """In the order of their ids."""
    return [
        ApplicationState(
            client_id=client_id,
            name=connection["name"],
            scopes=connection["scopes"],
            connected_at=clock.iso(connection["connected_at"]),
        )
        for client_id, connection in sorted(account.get("applications", {}).items())
    ]
