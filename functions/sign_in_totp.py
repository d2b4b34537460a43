"""POST /sign-in/totp: the code that completes a sign-in, or a recovery code."""

from rekey import clock
from rekey.accounts import addresses, events, keys
from rekey.accounts.event_types import CODE_REFUSED
from rekey.api.client import Client
from rekey.api.errors import (
    ChallengeInvalidError,
    RecoveryCodeInvalidError,
    RekeyError,
    TooManyRequestsError,
    TotpClockError,
    TotpInvalidError,
    TotpUsedError,
    ValidationFailedError,
)
from rekey.api.fields import ChallengeToken, Code, KeptDeviceToken, RecoveryCode, RememberDevice
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import second_factor, totp
from rekey.limits import allowances, attempts, clients, known_devices
from rekey.sessions import devices, one_time, session_limit, sessions, tokens
from rekey.sessions.devices import Device
from rekey.sessions.sessions import AccountTokens
from rekey.sessions.tokens import Token
from rekey.settings import settings

DAY = 86400  # seconds
NOTICED = 3  # wrong codes in a period: one or two are mistyped


class TotpRequest(Json):
    one_of = ("code", "recovery_code")

    challenge_token: ChallengeToken | None = None
    code: Code | None = None
    recovery_code: RecoveryCode | None = None
    device_token: KeptDeviceToken | None = None
    remember_device: RememberDevice = False


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
    session_id, session, issued = sessions.issue_session(account, request.client, spent.method, device)
    returned = [] if known else [attempts.returning_code(row)]
    try:
        store.transact(
            one_time.consuming(keys.challenge(token.owner, token.token_id), token),
            spent.spending(*device.changes(), *returned),
            session,
            known_devices.recording_sign_in(account, device, session_id, request.client),
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


lambda_handler = entry_point(sign_in_totp)
