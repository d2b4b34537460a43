"""POST /sign-in: a password; where two-factor sign-in is on, /sign-in/totp goes on from there.

A known device has attempts of its own; everybody else at an address shares the address's (docs/decisions/0023).
"""

from typing import Any, Literal

import msgspec

from rekey import ids
from rekey.accounts import addresses, changes, keys, required_totp
from rekey.accounts.changes import Change
from rekey.api.client import Client
from rekey.api.errors import (
    AccountDisabledError,
    InvalidCredentialsError,
    TooManyRequestsError,
    ValidationFailedError,
)
from rekey.api.fields import (
    ChallengeToken,
    Email,
    KeptDeviceToken,
    Password,
    Seconds,
)
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import at_once, store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import passwords
from rekey.limits import allowances, attempts, clients, known_devices
from rekey.sessions import devices, one_time, session_limit, sessions, tokens
from rekey.sessions.sessions import AccountTokens
from rekey.sessions.tokens import Token
from rekey.settings import settings

CHALLENGE_LIFE = 300  # seconds: time to find the phone


class SignInRequest(Json):
    email: Email
    password: Password
    device_token: KeptDeviceToken | None = None


class Challenge(msgspec.Struct, kw_only=True):
    """What is left to do: the second factor."""

    challenge: Literal["totp"] = "totp"
    challenge_token: ChallengeToken
    expires_in: Seconds = CHALLENGE_LIFE


@route(
    "POST /sign-in",
    body=SignInRequest,
    answers=(AccountTokens, Challenge),
    refuses=(ValidationFailedError, InvalidCredentialsError, AccountDisabledError, TooManyRequestsError),
)
def sign_in(request: Request[SignInRequest]) -> AccountTokens | Challenge:
    """Sign in with a password.

    If two-factor sign-in is on, the answer is a challenge for `/sign-in/totp`, unless the device is remembered. If
    two-factor sign-in is required and not on, `next` is `totp-setup`: until it is set up, applications do not let this
    account in.
    Known and unknown addresses take the same calls and the same hash, and are answered alike (ASVS 6.3.8).
    """
    email = addresses.parse_email(request.body.email)
    digest = addresses.email_digest(email)
    presented = devices.find_token(request.device_token(digest, request.body.device_token), digest)
    known = known_devices.take_for_password(digest, presented)
    counted = known or _take_attempt(digest, email, request.client)
    account = _find_account(counted, digest, email)
    proven = passwords.matches(account["password_hash"] if account else None, request.body.password)
    if not account or not proven:
        _report_wrong_password(known, counted, email, request.client)
        raise InvalidCredentialsError
    if "disabled_at" in account:  # only now: nobody learns it who does not know the password
        raise AccountDisabledError
    is_trusted = known is not None and devices.is_trusted(known, account, settings().device_trust)
    if "totp_secret" in account and not is_trusted:
        token, challenge = _issue_challenge(account, known)
        forgotten = known_devices.clearing(known) if known else attempts.returning(counted)
        _complete(account, request.body.password, [], challenge, forgotten)
        return Challenge(challenge_token=str(token))
    device = known_devices.leave(account, known, presented, request.client)
    method = "pwd device" if is_trusted else "pwd"
    session_id, session, issued = sessions.issue_session(account, request.client, method, device)
    _complete(
        account,
        request.body.password,
        device.changes(),
        session,
        known_devices.recording_sign_in(account, device, session_id, request.client),
        *device.writes,
        *([] if known else [attempts.returning(counted)]),
        *session_limit.ending_replaced(account, request),
    )
    if required_totp.is_lacking(account):
        issued.next = "totp-setup"
    return issued


def _take_attempt(email_digest: str, email: str, client: Client) -> Row:
    """A stranger's attempt: of those of the address, if the client's failures allow it. Raises TooManyRequestsError."""
    clients.require_allowed(client.network)
    of_client = at_once.begin(clients.require_left, client.network)
    try:
        address = attempts.take_for_address(email_digest)
    finally:
        of_client.exception()  # waits: Lambda freezes threads once the handler returns
    try:
        of_client.result()
    except TooManyRequestsError:  # the address's attempt is gone all the same; if it was the last, its owner is told
        attempts.report_lock(allowances.passwords(), address, address, email=email, client=client)
        raise
    return address


def _find_account(counted: Row, email_digest: str, email: str) -> Row | None:
    """The account that the attempt is at, if its address is that one: a device's row may outlive that."""
    account = store.get(settings().accounts_table, keys.account(counted.get("account_id", email_digest)))
    return account if account and account["email"] == email else None


def _report_wrong_password(known: Row | None, counted: Row, email: str, client: Client) -> None:
    """The owner is told of the last one allowed; a client that is not known is charged."""
    owner = keys.account(known["account_id"]) if known else counted
    attempts.report_lock(allowances.passwords(), counted, owner, email=email, client=client)
    if not known:
        clients.charge(client.network)


def _issue_challenge(account: Row, known: Row | None) -> tuple[Token, dict[str, Any]]:
    """The password was right: a token for the second step, good for the account's present epoch only, and its write.

    It knows the device, whose allowance of codes is then its own.
    """
    challenge_id = ids.new_id()
    token = tokens.issue_token(tokens.CHALLENGE, account["account_id"], challenge_id)
    key = keys.challenge(account["account_id"], challenge_id)
    device = {"device_id": known["device_id"], "device_digest": known["digest"]} if known else {}
    row = one_time.row_of(key, token, CHALLENGE_LIFE, epoch=account["token_epoch"], **device)
    return token, store.putting(settings().tokens_table, row)


def _complete(account: Row, password: str, also: list[Change], *writes: dict[str, Any]) -> None:
    """What the password bought, with other changes of the account's row, and where the parameters have risen, a new
    hash.

    The account's epoch is not checked: a session of an epoch that has passed is invalid when created.
    """
    if passwords.needs_rehash(account["password_hash"]):
        also = [*also, changes.rehashing_password(account, passwords.hash_password(password))]
    try:
        store.transact(*writes, *([changes.updating(account, *also)] if also else []))
    except ConditionFailedError:  # the password was changed, or the device forgotten, while this one was judged
        raise InvalidCredentialsError from None


lambda_handler = entry_point(sign_in)
