"""Proofs of who is there: whoever finds an open session, or an access token, must not take the account over.

A session is proven for `ProofLife` seconds by its sign-in, and again by `POST /reauthenticate` (ASVS 7.5.1). Attempts
are counted on the session: a stolen one must not lock its owner out of the others.
"""

from typing import Any

from rekey import clock, observability
from rekey.accounts import events
from rekey.accounts.event_types import SESSION_LOCKED
from rekey.api.client import Client
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    ConflictError,
    InsufficientScopeError,
    ReauthenticationRequiredError,
    TotpNotEnabledError,
)
from rekey.aws import store
from rekey.aws.store import Row
from rekey.limits import allowances
from rekey.limits.allowances import Allowance
from rekey.sessions import sessions
from rekey.sessions.sessions import SignedIn
from rekey.settings import settings

FACTOR_REFUSES = (
    AuthenticationRequiredError,
    AccessTokenInvalidError,
    InsufficientScopeError,
    TotpNotEnabledError,
    ReauthenticationRequiredError,
    ConflictError,
)
"""Of a flow that changes a second factor that is on."""
SECOND = frozenset({"otp", "recovery"})  # of what a session's `method` names


def require_proven(signed_in: SignedIn) -> None:
    """For what changes a factor. Where there are two, both were given: a password alone must not shed the other.

    Raises ReauthenticationRequiredError.
    """
    session, account = signed_in.session, signed_in.account
    is_recent = session["authenticated_at"] + settings().proof_life > clock.now()
    if not is_recent or ("totp_secret" in account and not is_by_two(session)):
        raise ReauthenticationRequiredError


def require_factor(bearer: str) -> SignedIn:
    """The proven session of somebody whose two-factor sign-in is on. Raises all of `FACTOR_REFUSES` but a conflict."""
    signed_in, _ = sessions.require_session(bearer)
    if "totp_secret" not in signed_in.account:
        raise TotpNotEnabledError
    require_proven(signed_in)
    return signed_in


def is_by_two(session: Row) -> bool:
    """Whether a second factor was given in it."""
    return not SECOND.isdisjoint(session["method"].split())


def allowance() -> Allowance:
    """Wrong passwords and codes of a session."""
    return Allowance("proof", settings().attempt_limit, settings().attempt_period)


def take(signed_in: SignedIn) -> Row:
    """An attempt to prove who is there; the session's row as it then is. Raises TooManyRequestsError."""
    return allowances.take(settings().tokens_table, sessions.key_of(signed_in), allowance())


def failed(signed_in: SignedIn, session: Row, client: Client) -> None:
    """After a wrong password or code: if it was the last one allowed, the owner is told."""
    if not allowance().is_used_up(session):
        return
    account = signed_in.account
    locked = events.recording(
        account, SESSION_LOCKED, email=account["email"], client=client, session_id=signed_in.session_id
    )
    store.transact(locked)
    observability.count("Lockouts", 1)


def proving(signed_in: SignedIn, session: Row, method: str) -> dict[str, Any]:
    """The write by which the session is proven from now on, and the failures before it are forgotten."""
    return sessions.updating(
        signed_in,
        {"authenticated_at": clock.now(), "method": method},
        forgotten=allowance().failures(session),
    )
