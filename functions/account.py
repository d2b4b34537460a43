"""GET /account: who am I, do mails reach me, is two-factor sign-in on, where am I signed in, what has happened."""

from typing import Literal

import msgspec

from rekey import clock
from rekey.accounts import history
from rekey.accounts.history import TotpState
from rekey.api.errors import AccessTokenInvalidError, AuthenticationRequiredError
from rekey.api.fields import AccountId, EventId, SessionId, Time
from rekey.api.http import Request, entry_point, route
from rekey.aws import at_once
from rekey.aws.store import Row
from rekey.sessions import sessions
from rekey.sessions.sessions import SignedIn


class SessionState(msgspec.Struct, kw_only=True):
    session_id: SessionId
    current: bool
    client: str
    created_at: Time
    refreshed_at: Time
    expires_at: Time


class EventState(msgspec.Struct, kw_only=True):
    event_id: EventId
    type: str
    at: Time
    by: Literal["anyone", "administrator"]
    client: str
    client_address: str


class DeliveryState(msgspec.Struct, kw_only=True):
    state: Literal["delivered", "soft_bounced", "bounced", "complained", "restored"]
    at: Time


class AccountState(msgspec.Struct, kw_only=True):
    account_id: AccountId
    email: str
    delivery: DeliveryState | None
    totp: TotpState
    sessions: list[SessionState]
    events: list[EventState]


@route("GET /account", answers=(AccountState,), refuses=(AuthenticationRequiredError, AccessTokenInvalidError))
def account(request: Request[None]) -> AccountState:
    """Describe the signed-in account.

    Two-factor sign-in, sessions, recent events.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    row = signed_in.account
    living = at_once.begin(_sessions, signed_in)
    address = at_once.begin(history.find_address, row["email"])
    events = [_event(each) for each in history.newest_events(row)]
    return AccountState(
        account_id=row["account_id"],
        email=row["email"],
        delivery=_delivery(address.result()),
        totp=history.totp_state(row),
        sessions=living.result(),
        events=events,
    )


def _sessions(signed_in: SignedIn) -> list[SessionState]:
    return [
        SessionState(
            session_id=row["session_id"],
            current=row["session_id"] == signed_in.session_id,
            client=row["client"],
            created_at=clock.iso(row["created_at"]),
            refreshed_at=clock.iso(row["refreshed_at"]),
            expires_at=clock.iso(row["expires_at"]),
        )
        for row in history.living_sessions(signed_in.account)
    ]


def _delivery(address: Row) -> DeliveryState | None:
    """What has become of the last mails to the address; None where SES has told nothing yet."""
    known = address.get("delivery")
    return DeliveryState(state=known["state"], at=clock.iso(known["at"])) if known else None


def _event(row: Row) -> EventState:
    """An admin's name, program and network are no business of the account's owner."""
    by_admin = "admin" in row
    return EventState(
        event_id=row["event_id"],
        type=row["type"],
        at=clock.iso(row["at"]),
        by="administrator" if by_admin else "anyone",
        client="" if by_admin else row["client"],
        client_address="" if by_admin else row["client_address"],
    )


lambda_handler = entry_point(account)
