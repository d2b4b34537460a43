"""POST /sign-in and POST /sign-in/totp: a password, then a code where two-factor sign-in is on.

A known device has attempts of its own; everybody else at an address shares the address's (docs/decisions/0023).
"""

from typing import Any, Literal

import msgspec

from rekey import clock, ids
from rekey.accounts import addresses, changes, events, keys, required_totp
from rekey.accounts.changes import Change
from rekey.accounts.event_types import CODE_REFUSED, SIGNED_IN
from rekey.api.client import Client
from rekey.api.errors import (
    AccountDisabledError,
    ChallengeInvalidError,
    InvalidCredentialsError,
    RecoveryCodeInvalidError,
    RekeyError,
    TooManyRequestsError,
    TotpClockError,
    TotpInvalidError,
    TotpUsedError,
    ValidationFailedError,
)
from rekey.api.fields import (
    ChallengeToken,
    Code,
    Email,
    KeptDeviceToken,
    Password,
    RecoveryCode,
    RememberDevice,
    Seconds,
)
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import at_once, store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import passwords, second_factor, totp
from rekey.limits import allowances, attempts, clients, known_devices
from rekey.sessions import devices, one_time, session_limit, sessions, tokens
from rekey.sessions.devices import Device
from rekey.sessions.sessions import AccountTokens
from rekey.sessions.tokens import Token
from rekey.settings import settings

CHALLENGE_LIFE = 300  # seconds: time to find the phone
DAY = 86400  # seconds
NOTICED = 3  # wrong codes in a period: one or two are mistyped


class SignInRequest(Json):
    email: Email
    password: Password
    device_token: KeptDeviceToken | None = None


class TotpRequest(Json):
    one_of = ("code", "recovery_code")

    challenge_token: ChallengeToken | None = None
    code: Code | None = None
    recovery_code: RecoveryCode | None = None
    device_token: KeptDeviceToken | None = None
    remember_device: RememberDevice = False


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
    is_trusted = known is not None and devices.is_trusted(known, account)
    if "totp_secret" in account and not is_trusted:
        token, challenge = _issue_challenge(account, known)
        forgotten = known_devices.clearing(known) if known else attempts.returning(counted)
        _complete(account, request.body.password, [], challenge, forgotten)
        return Challenge(challenge_token=str(token))
    device = known_devices.leave(account, known, presented, request.client)
    session, issued = sessions.issue_session(account, request.client, "pwd device" if is_trusted else "pwd", device)
    _complete(
        account,
        request.body.password,
        device.changes(),
        session,
        _signed_in(account, device, request.client),
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


def _signed_in(account: Row, device: Device, client: Client) -> dict[str, Any]:
    return events.recording(account, SIGNED_IN, email=account["email"], client=client, device=device.kind)


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


@route(
    "POST /sign-in/totp",
    body=TotpRequest,
    answers=(AccountTokens,),
    refuses=(
        ValidationFailedError,
        ChallengeInvalidError,
        TotpInvalidError,
        TotpUsedError,
        TotpClockError,
        RecoveryCodeInvalidError,
        TooManyRequestsError,
    ),
)
def sign_in_totp(request: Request[TotpRequest]) -> AccountTokens:
    """Complete a sign-in with a code or a recovery code.

    Challenge and code are spent together: either both are accepted, once, or neither. A device that is remembered is
    not asked for a code for some days.
    """
    token, challenge, account = _require_challenge(request)
    known, row = _take_code(challenge, account)
    try:
        spent = second_factor.verify(row, request.body.code, request.body.recovery_code)
    except RekeyError as refusal:
        _report_wrong_code(challenge, known, row, refusal, request.client)
        raise
    device = _leave_device(account, known, request)
    session, issued = sessions.issue_session(account, request.client, spent.method, device)
    returned = [] if known else [attempts.returning_code(row)]
    try:
        store.transact(
            one_time.consuming(keys.challenge(token.owner, token.token_id), token),
            spent.spending(*device.changes(), *returned),
            session,
            _signed_in(account, device, request.client),
            *device.writes,
            *spent.events(request.client),
            *session_limit.ending_replaced(account, request),
        )
    except ConditionFailedError as failed:
        raise (spent.refusal() if failed.index == 1 else ChallengeInvalidError()) from None
    return issued


def _require_challenge(request: Request[TotpRequest]) -> tuple[Token, Row, Row]:
    """The challenge's token, its row, and the account. Raises ValidationFailedError, ChallengeInvalidError."""
    presented = request.token("challenge_token", request.body.challenge_token)
    if not presented:
        raise ValidationFailedError("challenge_token", "missing")
    token = tokens.parse_token(tokens.CHALLENGE, presented)
    if not token:
        raise ChallengeInvalidError
    challenge, account = store.get_many(
        (settings().tokens_table, keys.challenge(token.owner, token.token_id)),
        (settings().accounts_table, keys.account(token.owner)),
    )
    if not challenge or not account or not one_time.is_good(challenge, token):
        raise ChallengeInvalidError
    if challenge["epoch"] != account["token_epoch"]:
        raise ChallengeInvalidError
    return token, challenge, account


def _take_code(challenge: Row, account: Row) -> tuple[Row | None, Row]:
    """An attempt at a code: of the device, if the password was given on a known one, else of the account.

    The device's row, and the account's. Raises TooManyRequestsError, ChallengeInvalidError.
    """
    known = known_devices.take_for_code(addresses.email_digest(account["email"]), challenge)
    if not known:
        account = allowances.take(settings().accounts_table, keys.account(account["account_id"]), allowances.codes())
    if "totp_secret" not in account:  # turned off since the challenge was issued
        raise ChallengeInvalidError
    return known, account


def _leave_device(account: Row, known: Row | None, request: Request[TotpRequest]) -> Device:
    digest = addresses.email_digest(account["email"])
    presented = devices.find_token(request.device_token(digest, request.body.device_token), digest)
    trust = _trust(account) if request.body.remember_device else {}
    return known_devices.leave(account, known, presented, request.client, **trust)


def _trust(account: Row) -> Row:
    """What a device's row keeps where its owner wishes to be asked for no code: until when, and of which epoch."""
    return {"trusted_until": clock.now() + settings().device_trust * DAY, "trust_epoch": account["token_epoch"]}


def _report_wrong_code(challenge: Row, known: Row | None, account: Row, refusal: RekeyError, client: Client) -> None:
    """Somebody knows the password and not the code: an event, of which the owner hears at the third (ASVS 6.3.5).

    The challenge remembers for which time a code was right. Two codes that follow each other, as an app shows them, say
    that its clock is wrong; one says nothing, and to keep it takes the same calls. Raises TotpClockError.
    """
    far_step = refusal.far_step if isinstance(refusal, TotpInvalidError) else None
    counted, allowance = known or account, allowances.codes()
    times = "third" if counted[allowance.counter] == NOTICED and not allowance.is_used_up(counted) else None
    refused = events.recording(account, CODE_REFUSED, email=account["email"], client=client, times=times)
    try:
        store.transact(one_time.noting(challenge, far_step=far_step or 0), refused)
    except ConditionFailedError:
        raise ChallengeInvalidError from None
    attempts.report_lock(allowance, counted, account, email=account["email"], client=client)
    if not known:
        clients.charge(client.network)
    if far_step and far_step == challenge.get("far_step", 0) + 1:
        raise TotpClockError(totp.clock_offset(far_step))


lambda_handler = entry_point(sign_in, sign_in_totp)
