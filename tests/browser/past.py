"""What only time would bring, written into the instance's tables: old sessions, links that expired, codes spent."""

from __future__ import annotations

import secrets
import time
from typing import Any

from rekey.accounts import keys
from rekey.accounts.addresses import email_digest, mailbox_digest
from rekey.accounts.event_types import RESET_REQUESTED, SIGN_UP_REQUESTED
from rekey.aws.store import Row, from_item, to_item
from rekey.credentials.recovery_codes import digest
from rekey.limits import breaker
from tests.browser.person import Person

DAY = 86400  # seconds


def age_session(person: Person) -> None:
    """Every sign-in of this person was yesterday."""
    for row in _rows(person, "TokensTable", _account(person), "session#"):
        _put(person, "TokensTable", {**row, "authenticated_at": row["authenticated_at"] - DAY})


def end_access(person: Person) -> None:
    """Every access token of this person has expired; the sessions go on."""
    for row in _rows(person, "TokensTable", _account(person), "session#"):
        _put(person, "TokensTable", {**row, "access_expires_at": int(time.time()) - 1})


def end_session(person: Person) -> None:
    """Every session of this person has been ended from elsewhere; the browser keeps its cookies."""
    for row in _rows(person, "TokensTable", _account(person), "session#"):
        _put(person, "TokensTable", {**row, "expires_at": int(time.time()) - 1})


def expire_link(person: Person, kind: str) -> None:
    """This person's emailed links, for `reset` or `sign-up`, were good until a second ago."""
    owner = _account(person) if kind == "reset" else _address(person)
    (row,) = _rows(person, "TokensTable", owner, kind)
    expired = {"expires_at": int(time.time()) - 1}
    links = {name: {**kept, **expired} for name, kept in row.items() if name.startswith("link_")}
    _put(person, "TokensTable", {**row, **expired, **links})


def leave_codes(person: Person, count: int) -> None:
    """All recovery codes but the last ones shown are spent."""
    (row,) = _rows(person, "AccountsTable", _account(person), "account")
    left = {digest(row["account_id"], code) for code in person.recovery_codes[-count:]}
    _put(person, "AccountsTable", {**row, "recovery_codes": left})


def find_address(person: Person) -> Row:
    (row,) = _rows(person, "AccountsTable", _address(person), "address")
    return row


def begin_sessions(person: Person, client: str, *methods: str | None) -> None:
    """Sessions of other devices, each begun in such a way; None: by a release that did not keep it."""
    (row, *_) = _rows(person, "TokensTable", _account(person), "session#")
    for method in methods:
        session_id = f"{int(time.time() * 1000):012x}{secrets.token_hex(8)}"
        other = {**row, "sk": f"session#{session_id}", "session_id": session_id, "client": client, "method": method}
        _put(person, "TokensTable", other)
        time.sleep(0.002)  # their order


def _address(person: Person) -> str:
    return f"address#{email_digest(person.email)}"


def _account(person: Person) -> str:
    return f"account#{find_address(person)['account_id']}"


def _rows(person: Person, table: str, pk: str, prefix: str) -> list[Row]:
    answer = person.instance.aws("dynamodb").query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues=to_item({":pk": pk, ":prefix": prefix}),
    )
    return [from_item(item) for item in answer["Items"]]


def _put(person: Person, table: str, row: dict[str, Any]) -> None:
    person.instance.aws("dynamodb").put_item(TableName=table, Item=to_item(row))


def begin_new_hour(person: Person) -> None:
    """The hour is over in which emails came back, and in which others asked for emails to this person's mailbox.

    `bounce+label@…` is one mailbox whatever the label, and three emails that come back close the strangers' lane.
    """
    mailbox, hour = mailbox_digest(person.email), int(time.time()) // 3600
    asked_for = (SIGN_UP_REQUESTED, RESET_REQUESTED)
    of_requests = (keys.limit(kind, f"{mailbox}#127.0.0.1") for kind in asked_for)
    of_emails = (keys.limit("strangers", f"{hour}#{mailbox}{spelling}") for spelling in ("", "#spellings"))
    for key in (breaker.this_hour(), *of_requests, *of_emails):
        person.instance.aws("dynamodb").delete_item(TableName="TokensTable", Key=to_item(key))


def happen(person: Person, kind: str, *, days: float = 0, of_address: bool = False, **detail: Any) -> None:
    """It happened to the person's account, or was asked of the address, so many days ago; who did it, `detail` says."""
    at = time.time() - days * DAY
    event_id = f"{int(at * 1000):012x}{secrets.token_hex(8)}"
    owner = _address(person) if of_address else _account(person)
    row = {"pk": owner, "sk": f"event#{event_id}", "event_id": event_id, "type": kind, "at": int(at)}
    told = {"email": person.email, "client": "tests", "client_address": "198.51.100.0/24", **detail}
    _put(person, "EventsTable", {**row, **told, "expires_at": int(time.time()) + DAY})
