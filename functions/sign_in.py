"""POST /sign-in and POST /sign-in/totp: a password, then a code where two-factor sign-in is on."""

from typing import Any, Literal

import msgspec

from rekey import ids
from rekey.accounts import addresses, changes, events, keys, required_totp
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
from rekey.api.fields import ChallengeToken, Code, Email, Password, RecoveryCode, Seconds
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import at_once, store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import passwords, second_factor, totp
from rekey.limits import allowances, attempts, clients
from rekey.sessions import one_time, session_limit, sessions, tokens
from rekey.sessions.sessions import AccountTokens
from rekey.sessions.tokens import Token
from rekey.settings import settings

CHALLENGE_LIFE = 300  # seconds: time to find the phone
NOTICED = 3  # wrong codes in a period: one or two are mistyped


class SignInRequest(Json):
    email: Email
    password: Password


class TotpRequest(Json):
    one_of = ("code", "recovery_code")

    challenge_token: ChallengeToken | None = None
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


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

    If two-factor sign-in is on, the answer is a challenge for `/sign-in/totp`. If it is required and not on, `next` is
    `totp-setup`: until it is set up, applications do not let this account in.
    Known and unknown addresses take the same calls and the same hash, and are answered alike (ASVS 6.3.8).
    """
    email = addresses.parse_email(request.body.email)
    address = _take_attempt(email, request.client)
    account = store.get(
        settings().accounts_table, keys.account(address.get("account_id", addresses.email_digest(email)))
    )
    proven = passwords.matches(account["password_hash"] if account else None, request.body.password)
    if not account or not proven:
        attempts.report_lock(allowances.passwords(), address, email=email, client=request.client)
        raise InvalidCredentialsError
    if "disabled_at" in account:  # only now: nobody learns it who does not know the password
        raise AccountDisabledError
    if "totp_secret" in account:
        token, challenge = _issue_challenge(account)
        _complete(account, address, request.body.password, challenge)
        return Challenge(challenge_token=str(token))
    session, issued = sessions.issue_session(account["account_id"], account["token_epoch"], request.client, "pwd")
    signed_in = events.recording(account, SIGNED_IN, email=account["email"], client=request.client)
    _complete(
        account, address, request.body.password, session, signed_in, *session_limit.ending_replaced(account, request)
    )
    if required_totp.is_lacking(account):
        issued.next = "totp-setup"
    return issued


def _take_attempt(email: str, client: Client) -> Row:
    """The address's allowance and the client's, at once. Raises TooManyRequestsError."""
    clients.require_allowed(client.network)
    of_client = at_once.begin(clients.take, client.network)
    try:
        address = attempts.take_for_address(addresses.email_digest(email))
    finally:
        of_client.exception()  # waits: Lambda freezes threads once the handler returns
    try:
        of_client.result()
    except TooManyRequestsError:  # the address's attempt is gone all the same; if it was the last, its owner is told
        attempts.report_lock(allowances.passwords(), address, email=email, client=client)
        raise
    return address


def _issue_challenge(account: Row) -> tuple[Token, dict[str, Any]]:
    """The password was right: a token for the second step, good for the account's present epoch only, and its write."""
    challenge_id = ids.new_id()
    token = tokens.issue_token(tokens.CHALLENGE, account["account_id"], challenge_id)
    key = keys.challenge(account["account_id"], challenge_id)
    row = one_time.row_of(key, token, CHALLENGE_LIFE, epoch=account["token_epoch"])
    return token, store.putting(settings().tokens_table, row)


def _complete(account: Row, address: Row, password: str, *writes: dict[str, Any]) -> None:
    """What the password bought, the end of the failures before it, and where the parameters have risen, a new hash.

    The account's epoch is not checked: a session of an epoch that has passed is invalid when created.
    """
    rehashing = [_rehashing(account, password)] if passwords.needs_rehash(account["password_hash"]) else []
    try:
        store.transact(*writes, attempts.unlocking(address), *rehashing)
    except ConditionFailedError:  # the password was changed while this one was judged
        raise InvalidCredentialsError from None


def _rehashing(account: Row, password: str) -> dict[str, Any]:
    return changes.updating(account, changes.rehashing_password(account, passwords.hash_password(password)))


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

    Challenge and code are spent together: either both are accepted, once, or neither.
    """
    body = request.body
    presented = request.token("challenge_token", body.challenge_token)
    if not presented:
        raise ValidationFailedError("challenge_token", "missing")
    token = tokens.parse_token(tokens.CHALLENGE, presented)
    if not token:
        raise ChallengeInvalidError
    challenge_key = keys.challenge(token.owner, token.token_id)
    challenge, account = store.get_many(
        (settings().tokens_table, challenge_key),
        (settings().accounts_table, keys.account(token.owner)),
    )
    if not challenge or not account or not one_time.is_good(challenge, token):
        raise ChallengeInvalidError
    if challenge["epoch"] != account["token_epoch"]:
        raise ChallengeInvalidError
    row = allowances.take(settings().accounts_table, keys.account(token.owner), allowances.codes())
    if "totp_secret" not in row:  # turned off since the challenge was issued
        raise ChallengeInvalidError
    try:
        spent = second_factor.verify(row, body.code, body.recovery_code)
    except RekeyError as refusal:
        _report_wrong_code(challenge, row, refusal, request.client)
        raise
    session, issued = sessions.issue_session(token.owner, account["token_epoch"], request.client, spent.method)
    try:
        store.transact(
            one_time.consuming(challenge_key, token),
            spent.spending(),
            session,
            events.recording(account, SIGNED_IN, email=account["email"], client=request.client),
            *spent.events(request.client),
            *session_limit.ending_replaced(account, request),
        )
    except ConditionFailedError as failed:
        raise (ChallengeInvalidError if failed.index == 0 else spent.refusal()) from None
    return issued


def _report_wrong_code(challenge: Row, account: Row, refusal: RekeyError, client: Client) -> None:
    """Somebody knows the password and not the code: an event, of which the owner hears at the third (ASVS 6.3.5).

    The challenge remembers for which time a code was right. Two codes that follow each other, as an app shows them, say
    that its clock is wrong; one says nothing, and to keep it takes the same calls. Raises TotpClockError.
    """
    far_step = refusal.far_step if isinstance(refusal, TotpInvalidError) else None
    attempt, limit = account[allowances.codes().counter], allowances.codes().limit
    times = "third" if attempt == NOTICED and attempt < limit else None
    refused = events.recording(account, CODE_REFUSED, email=account["email"], client=client, times=times)
    try:
        store.transact(one_time.noting(challenge, far_step=far_step or 0), refused)
    except ConditionFailedError:
        raise ChallengeInvalidError from None
    attempts.report_lock(allowances.codes(), account, email=account["email"], client=client)
    if far_step and far_step == challenge.get("far_step", 0) + 1:
        raise TotpClockError(totp.clock_offset(far_step))


lambda_handler = entry_point(sign_in, sign_in_totp)
