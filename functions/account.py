"""GET /account: who am I, do mails reach me, is two-factor sign-in on, where am I signed in, what has happened."""

from typing import Literal

import msgspec

from rekey import addresses, at_once, clock, keys, sessions, store
from rekey.errors import AccessTokenInvalidError, AuthenticationRequiredError
from rekey.http import Request, entry_point, route
from rekey.sessions import SignedIn
from rekey.settings import settings
from rekey.store import Row

SHOWN_SESSIONS = 50
SHOWN_EVENTS = 25


class TotpState(msgspec.Struct, kw_only=True):
    enabled: bool
    recovery_codes_left: int


class SessionState(msgspec.Struct, kw_only=True):
    session_id: str
    current: bool
    client: str
    created_at: str
    refreshed_at: str
    expires_at: str


class EventState(msgspec.Struct, kw_only=True):
    event_id: str
    type: str
    at: str
    client: str
    client_address: str


class DeliveryState(msgspec.Struct, kw_only=True):
    state: Literal["delivered", "soft_bounced", "bounced", "complained"]
    at: str


class AccountState(msgspec.Struct, kw_only=True):
    account_id: str
    email: str
    delivery: DeliveryState | None
    totp: TotpState
    sessions: list[SessionState]
    events: list[EventState]


@route("GET /account", answers=(AccountState,), refuses=(AuthenticationRequiredError, AccessTokenInvalidError))
def account(request: Request[None]) -> AccountState:
    """Describe the account that is signed in."""
    signed_in, _ = sessions.require_session(request.bearer())
    row = signed_in.account
    living = at_once.begin(_sessions, signed_in)
    address = keys.address(addresses.email_digest(row["email"]))
    delivery = at_once.begin(_delivery, address)
    events = _events(row, address)
    return AccountState(
        account_id=row["account_id"],
        email=row["email"],
        delivery=delivery.result(),
        totp=TotpState(enabled="totp_secret" in row, recovery_codes_left=len(row.get("recovery_codes", ()))),
        sessions=living.result(),
        events=events,
    )


def _sessions(signed_in: SignedIn) -> list[SessionState]:
    """The newest living ones; those that revoking has ended may still lie there until TTL takes them."""
    rows = store.query(
        settings().tokens_table,
        signed_in.account["pk"],
        "session#",
        limit=SHOWN_SESSIONS,
        only="epoch = :epoch AND expires_at > :now",
        epoch=signed_in.account["token_epoch"],
        now=clock.now(),
    )
    return [
        SessionState(
            session_id=row["session_id"],
            current=row["session_id"] == signed_in.session_id,
            client=row["client"],
            created_at=clock.iso(row["created_at"]),
            refreshed_at=clock.iso(row["refreshed_at"]),
            expires_at=clock.iso(row["expires_at"]),
        )
        for row in rows
    ]


def _delivery(key: Row) -> DeliveryState | None:
    """What has become of the last mails to the address; None where SES has told nothing yet."""
    known = (store.get(settings().accounts_table, key) or {}).get("delivery")
    return DeliveryState(state=known["state"], at=clock.iso(known["at"])) if known else None


def _events(row: Row, address: Row) -> list[EventState]:
    """The account's own, and those of its address: requests for a reset, locks at sign-in."""
    of_address = at_once.begin(_newest_events, address)
    found = _newest_events(row) + of_address.result()
    found.sort(key=lambda event: str(event["event_id"]), reverse=True)
    return [
        EventState(
            event_id=event["event_id"],
            type=event["type"],
            at=clock.iso(event["at"]),
            client=event["client"],
            client_address=event["client_address"],
        )
        for event in found[:SHOWN_EVENTS]
    ]


def _newest_events(owner: Row) -> list[Row]:
    return store.query(settings().accounts_table, owner["pk"], "event#", limit=SHOWN_EVENTS)


lambda_handler = entry_point(account)
