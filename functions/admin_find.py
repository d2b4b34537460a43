"""POST /admin/find: an account or an address, its state and its history; never a hash, a secret or a digest.

API Gateway lets in whom IAM allows, and tells who it is. This function can read, and change nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rekey import clock
from rekey.accounts import addresses, admins, deletion, history, keys
from rekey.accounts.admins import Whom
from rekey.accounts.history import TotpState
from rekey.api.errors import AccountNotFoundError
from rekey.api.fields import AccountId, EventId, SessionId, Time
from rekey.api.http import Request, entry_point, route
from rekey.aws import at_once
from rekey.aws.store import Row
from rekey.limits import allowances


class Lock(msgspec.Struct, kw_only=True):
    """What takes no more attempts until then: sign-in, codes, or the password asked for again when signed in."""

    what: Literal["sign_in", "code", "password"]
    until: Time


class Delivery(msgspec.Struct, kw_only=True):
    """What became of the last mail to the address."""

    state: str
    at: Time
    detail: str | None = None


class SessionReport(msgspec.Struct, kw_only=True):
    session_id: SessionId
    client: str
    method: str
    created_at: Time
    refreshed_at: Time
    expires_at: Time


class EventReport(msgspec.Struct, kw_only=True):
    event_id: EventId
    type: str
    at: Time
    client: str
    client_address: str
    admin: str | None = None
    reason: str | None = None


class AccountReport(msgspec.Struct, kw_only=True):
    state: Literal["active", "locked", "disabled", "deleted", "unregistered"]
    email: str
    account_id: AccountId | None = None
    created_at: Time | None = None
    disabled_at: Time | None = None
    locks: list[Lock]
    totp: TotpState | None = None
    delivery: Delivery | None = None
    sessions: list[SessionReport]
    events: list[EventReport]


@route("POST /admin/find", body=Whom, answers=(AccountReport,), refuses=admins.REFUSES)
def find(request: Request[Whom]) -> AccountReport:
    """Look up an account.

    An address without an account is found too, if an email was requested for it.
    """
    request.require_caller()
    account, email = admins.find(request.body.email, request.body.account_id)
    if account:
        return _of_account(account)
    report = _of_address(email) if email else _of_deleted(request.body.account_id or "")
    if not report:
        raise AccountNotFoundError
    return report


def _of_account(account: Row) -> AccountReport:
    living = at_once.begin(history.living_sessions, account)
    address = at_once.begin(history.find_address, account["email"])
    events = history.newest_events(account)
    locks = _locks(account, address.result())
    return AccountReport(
        state="disabled" if "disabled_at" in account else "locked" if locks else "active",
        email=account["email"],
        account_id=account["account_id"],
        created_at=clock.iso(account["created_at"]),
        disabled_at=clock.iso(account["disabled_at"]) if "disabled_at" in account else None,
        locks=locks,
        totp=history.totp_state(account),
        delivery=_delivery(address.result()),
        sessions=[_session(row) for row in living.result()],
        events=[_event(row) for row in events],
    )


def _of_address(email: str) -> AccountReport | None:
    """An address that nobody has registered: None if nothing was ever asked for it, or all of that is forgotten."""
    address, events = history.find_address(email), history.events_of(keys.address(addresses.email_digest(email)))
    if not address and not events:
        return None
    return AccountReport(
        state="unregistered",
        email=email,
        locks=_locks({}, address),
        delivery=_delivery(address),
        sessions=[],
        events=[_event(row) for row in events],
    )


def _of_deleted(account_id: str) -> AccountReport | None:
    """An account that was deleted not long ago."""
    deleted = deletion.find(account_id)
    if not deleted:
        return None
    email = deleted["email"]
    return AccountReport(
        state="deleted", email=email, account_id=account_id, locks=[], sessions=[], events=[_event(deleted)]
    )


def _locks(account: Row, address: Row) -> list[Lock]:
    found: tuple[tuple[Literal["sign_in", "code", "password"], int | None], ...] = (
        ("sign_in", allowances.passwords().locked_until(address)),
        ("code", allowances.codes().locked_until(account)),
        ("password", allowances.passwords().locked_until(account)),
    )
    return [Lock(what=what, until=clock.iso(until)) for what, until in found if until]


def _delivery(address: Row) -> Delivery | None:
    told = address.get("delivery")
    return Delivery(state=told["state"], at=clock.iso(told["at"]), detail=told.get("detail")) if told else None


def _session(row: Row) -> SessionReport:
    return SessionReport(
        session_id=row["session_id"],
        client=row["client"],
        method=row["method"],
        created_at=clock.iso(row["created_at"]),
        refreshed_at=clock.iso(row["refreshed_at"]),
        expires_at=clock.iso(row["expires_at"]),
    )


def _event(row: Row) -> EventReport:
    return EventReport(
        event_id=row["event_id"],
        type=row["type"],
        at=clock.iso(row["at"]),
        client=row["client"],
        client_address=row["client_address"],
        admin=row.get("admin"),
        reason=row.get("reason"),
    )


lambda_handler = entry_point(find)
