"""GET /account: who am I, do mails reach me, is two-factor sign-in on, where am I signed in, what happened."""

from typing import Literal

import msgspec

from rekey import clock
from rekey.accounts import history, required_totp
from rekey.accounts.event_types import SIGNED_IN
from rekey.accounts.required_totp import TotpState
from rekey.api import networks, programs
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    InsufficientScopeError,
    ValidationFailedError,
)
from rekey.api.fields import (
    AccountId,
    Count,
    Cursor,
    DeviceId,
    EventId,
    Methods,
    Network,
    Program,
    SessionId,
    Time,
)
from rekey.api.http import Query, Request, entry_point, route
from rekey.aws import at_once
from rekey.aws.store import Row
from rekey.oauth import connections
from rekey.oauth.connections import ApplicationState
from rekey.sessions import devices, sessions
from rekey.sessions.sessions import SignedIn
from rekey.settings import settings


class AccountQuery(Query):
    events_before: Cursor | None = None


class SessionState(msgspec.Struct, kw_only=True):
    session_id: SessionId
    current: bool
    client: str
    program: Program
    client_id: str | None
    """The application that the session is of; None for a sign-in to Rekey itself."""
    amr: Methods
    created_at: Time
    refreshed_at: Time
    expires_at: Time


class DeviceState(msgspec.Struct, kw_only=True):
    device_id: DeviceId
    current: bool
    client: str
    program: Program
    created_at: Time
    last_used_at: Time
    trusted_until: Time | None
    """Until when no code is asked for there; None if one is."""


class EventState(msgspec.Struct, kw_only=True):
    event_id: EventId
    type: str
    count: Count
    at: Time
    first_at: Time
    by: Literal["anyone", "administrator"]
    device: Literal["known", "new"] | None
    """Of a sign-in: whether the device was known before."""
    current: bool | None
    """Of a sign-in: whether this session began with it."""
    client: str
    program: Program
    client_address: Network


class DeliveryState(msgspec.Struct, kw_only=True):
    state: Literal["delivered", "soft_bounced", "bounced", "complained", "restored"]
    at: Time


class AccountState(msgspec.Struct, kw_only=True):
    account_id: AccountId
    email: str
    client_address: Network
    """Where this request comes from, in the form that events have."""
    delivery: DeliveryState | None
    totp: TotpState
    sessions: list[SessionState]
    devices: list[DeviceState]
    applications: list[ApplicationState]
    events: list[EventState]
    events_next: Cursor | None


@route(
    "GET /account",
    query=AccountQuery,
    answers=(AccountState,),
    refuses=(ValidationFailedError, AuthenticationRequiredError, AccessTokenInvalidError, InsufficientScopeError),
)
def account(request: Request[None]) -> AccountState:
    """Describe the signed-in account.

    Two-factor sign-in, sessions, known devices, connected applications, recent events. Events that anyone can cause are
    one entry per type, with a count.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    row = signed_in.account
    living = at_once.begin(_sessions, signed_in)
    known = at_once.begin(_devices, signed_in)
    address = at_once.begin(history.find_address, row["email"])
    events = history.find_events(row["email"], row, request.query.events_before)
    return AccountState(
        account_id=row["account_id"],
        email=row["email"],
        client_address=networks.shorten_ip(request.client.source_ip),
        delivery=_delivery(address.result()),
        totp=required_totp.describe(row),
        sessions=living.result(),
        devices=known.result(),
        applications=connections.describe(row),
        events=[_event(each, signed_in) for each in events.rows],
        events_next=events.next,
    )


def _sessions(signed_in: SignedIn) -> list[SessionState]:
    """This one first, which need not be among the newest."""
    others = [row for row in history.living_sessions(signed_in.account) if row["session_id"] != signed_in.session_id]
    return [
        SessionState(
            session_id=row["session_id"],
            current=row is signed_in.session,
            client=row["client"],
            program=programs.describe(row["client"]),
            client_id=row.get("client_id"),
            amr=row.get("method", "").split(),
            created_at=clock.iso(row["created_at"]),
            refreshed_at=clock.iso(row["refreshed_at"]),
            expires_at=clock.iso(row["expires_at"]),
        )
        for row in (signed_in.session, *others[: history.SHOWN_SESSIONS - 1])
    ]


def _devices(signed_in: SignedIn) -> list[DeviceState]:
    """But for reset links that stand for one."""
    account, longest = signed_in.account, settings().device_trust
    return [
        DeviceState(
            device_id=row["device_id"],
            current=row["device_id"] == signed_in.session.get("device_id"),
            client=row["client"],
            program=programs.describe(row["client"]),
            created_at=clock.iso(row["created_at"]),
            last_used_at=clock.iso(row["last_used_at"]),
            trusted_until=clock.iso(row["trusted_until"]) if devices.is_trusted(row, account, longest) else None,
        )
        for row in devices.find_all(account)
        if "link" not in row
    ]


def _delivery(address: Row) -> DeliveryState | None:
    """What has become of the last mails to the address; None where SES has told nothing yet."""
    known = address.get("delivery")
    return DeliveryState(state=known["state"], at=clock.iso(known["at"])) if known else None


def _event(row: Row, signed_in: SignedIn) -> EventState:
    """An admin's name, program and network are no business of the account's owner."""
    by_admin = "admin" in row
    began = row.get("session_id") if row["type"] == SIGNED_IN else None
    return EventState(
        event_id=row["event_id"],
        type=row["type"],
        count=row["count"],
        at=clock.iso(row["at"]),
        first_at=clock.iso(row["first_at"]),
        by="administrator" if by_admin else "anyone",
        device=row.get("device"),
        current=began == signed_in.session_id if began else None,
        client="" if by_admin else row["client"],
        program="" if by_admin else programs.describe(row["client"]),
        client_address="" if by_admin else row["client_address"],
    )


lambda_handler = entry_point(account)
