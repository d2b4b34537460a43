"""POST /admin/find: an account or an address, its state and its history; never a hash, a secret or a digest.

API Gateway lets in whom IAM allows, and tells who it is. This function can read, and change nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from rekey import clock
from rekey.accounts import admins, deletion, history, required_totp
from rekey.accounts.admins import Whom
from rekey.accounts.required_totp import TotpState
from rekey.api import programs
from rekey.api.errors import AccountNotFoundError
from rekey.api.fields import AccountId, Count, Cursor, EventId, Network, Program, SessionId, Time
from rekey.api.http import Request, entry_point, route
from rekey.aws import at_once
from rekey.aws.store import Row
from rekey.limits import allowances
from rekey.sessions import devices


class FindRequest(Whom, kw_only=True):
    events_before: Cursor | None = None


class Lock(msgspec.Struct, kw_only=True):
    """What takes no more attempts until then: sign-in, codes, or a known device, which has attempts of its own."""

    what: Literal["sign_in", "code", "device"]
    until: Time


class Delivery(msgspec.Struct, kw_only=True):
    """What became of the last mail to the address."""

    state: str
    at: Time
    detail: str | None = None


class SessionReport(msgspec.Struct, kw_only=True):
    session_id: SessionId
    client: str
    program: Program
    client_id: str | None
    """Of the application that it is a session of, if it is."""
    method: str
    created_at: Time
    refreshed_at: Time
    expires_at: Time


class EventReport(msgspec.Struct, kw_only=True):
    event_id: EventId
    type: str
    count: Count
    at: Time
    first_at: Time
    client: str
    program: Program
    client_address: Network
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
    events_next: Cursor | None = None


@route("POST /admin/find", body=FindRequest, answers=(AccountReport,), refuses=admins.REFUSES)
def find(request: Request[FindRequest]) -> AccountReport:
    """Look up an account.

    An address without an account is found too, if an email was requested for it. Events that anyone can cause are one
    entry per type, with a count.
    """
    request.require_caller()
    account, email = admins.find(request, request.body.email, request.body.account_id)
    before = request.body.events_before
    if account:
        return _of_account(account, before)
    report = _of_address(email, before) if email else _of_deleted(request.body.account_id or "")
    if not report:
        raise AccountNotFoundError
    return report


def _of_account(account: Row, before: str | None) -> AccountReport:
    living = at_once.begin(history.living_sessions, account)
    address = at_once.begin(history.find_address, account["email"])
    known = at_once.begin(devices.find_all, account)
    events = history.find_events(account["email"], account, before)
    locks = _locks(account, address.result(), known.result())
    return AccountReport(
        state="disabled" if "disabled_at" in account else "locked" if locks else "active",
        email=account["email"],
        account_id=account["account_id"],
        created_at=clock.iso(account["created_at"]),
        disabled_at=clock.iso(account["disabled_at"]) if "disabled_at" in account else None,
        locks=locks,
        totp=required_totp.describe(account),
        delivery=_delivery(address.result()),
        sessions=[_session(row) for row in living.result()],
        events=[_event(row) for row in events.rows],
        events_next=events.next,
    )


def _of_address(email: str, before: str | None) -> AccountReport | None:
    """An address that nobody has registered: None if nothing was ever asked for it, or all of that is forgotten."""
    address, events = history.find_address(email), history.find_events(email, None, before)
    if not address and not events.rows:
        return None
    return AccountReport(
        state="unregistered",
        email=email,
        locks=_locks({}, address, []),
        delivery=_delivery(address),
        sessions=[],
        events=[_event(row) for row in events.rows],
        events_next=events.next,
    )


def _of_deleted(account_id: str) -> AccountReport | None:
    """An account that was deleted not long ago."""
    deleted = deletion.find(account_id)
    if not deleted:
        return None
    email, event = deleted["email"], {**deleted, "count": 1, "first_at": deleted["at"]}
    return AccountReport(
        state="deleted", email=email, account_id=account_id, locks=[], sessions=[], events=[_event(event)]
    )


def _locks(account: Row, address: Row, known: list[Row]) -> list[Lock]:
    of_devices = [
        until
        for device in known
        for allowance in (allowances.passwords(), allowances.codes())
        if (until := allowance.locked_until(device))
    ]
    found: tuple[tuple[Literal["sign_in", "code", "device"], int | None], ...] = (
        ("sign_in", allowances.passwords().locked_until(address)),
        ("code", allowances.codes().locked_until(account)),
        ("device", max(of_devices, default=None)),
    )
    return [Lock(what=what, until=clock.iso(until)) for what, until in found if until]


def _delivery(address: Row) -> Delivery | None:
    told = address.get("delivery")
    return Delivery(state=told["state"], at=clock.iso(told["at"]), detail=told.get("detail")) if told else None


def _session(row: Row) -> SessionReport:
    return SessionReport(
        session_id=row["session_id"],
        client=row["client"],
        program=programs.describe(row["client"]),
        client_id=row.get("client_id"),
        method=row.get("method", ""),
        created_at=clock.iso(row["created_at"]),
        refreshed_at=clock.iso(row["refreshed_at"]),
        expires_at=clock.iso(row["expires_at"]),
    )


def _event(row: Row) -> EventReport:
    return EventReport(
        event_id=row["event_id"],
        type=row["type"],
        count=row["count"],
        at=clock.iso(row["at"]),
        first_at=clock.iso(row["first_at"]),
        client=row["client"],
        program=programs.describe(row["client"]),
        client_address=row["client_address"],
        admin=row.get("admin"),
        reason=row.get("reason"),
    )


lambda_handler = entry_point(find)
