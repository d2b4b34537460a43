"""What an account's row says of the applications that it is connected to, as far as its sessions depend on it."""

from __future__ import annotations

from typing import Any

from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings


def is_connected(session: Row, account: Row) -> bool:
    """Whether a session is of no application, or of one that is still connected as it was when the session began.

    To withdraw an application ends its sessions; to connect it again makes another connection, and revives none.
    """
    client_id = session.get("client_id")
    if client_id is None:
        return True
    connected = account.get("applications", {}).get(client_id)
    return bool(connected and connected["connection"] == session["connection"])


def staying_connected(session: Row) -> dict[str, Any]:
    """No write, on condition that nothing has ended sessions like this one: the account is as it was, enabled, in the
    same epoch, and connected to the application by the same connection.
    """
    return store.checking(
        settings().accounts_table,
        keys.account(session["pk"].partition("#")[2]),
        "token_epoch = :epoch AND attribute_not_exists(disabled_at) AND applications.#client.#connection = :connection",
        names={"client": session["client_id"], "connection": "connection"},
        epoch=session["epoch"],
        connection=session["connection"],
    )
