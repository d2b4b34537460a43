"""POST /totp/verify: the first code from the app turns two-factor sign-in on.

The recovery codes are shown now, and never again.
"""

from rekey import clock
from rekey.accounts import changes, events, keys
from rekey.accounts.changes import Change
from rekey.accounts.event_types import TOTP_ENABLED
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    EnrolmentNotFoundError,
    InsufficientScopeError,
    RekeyError,
    TooManyRequestsError,
    TotpAlreadyEnabledError,
    TotpClockError,
    TotpInvalidError,
    ValidationFailedError,
)
from rekey.api.fields import Code
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import proofs, recovery_codes, totp
from rekey.credentials.recovery_codes import RecoveryCodes
from rekey.sessions import sessions
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import ACCESS, parse_token
from rekey.settings import settings


class VerifyRequest(Json):
    code: Code


@route(
    "POST /totp/verify",
    body=VerifyRequest,
    answers=(RecoveryCodes,),
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        EnrolmentNotFoundError,
        TotpInvalidError,
        TotpClockError,
        TotpAlreadyEnabledError,
        TooManyRequestsError,
    ),
)
def totp_verify(request: Request[VerifyRequest]) -> RecoveryCodes:
    """Turn on two-factor sign-in with the first code from the app.

    The recovery codes are shown this once.
    """
    signed_in, pending = _read_session(request.bearer())
    code = request.body.code
    enrolment = _require_enrolment(signed_in, pending)
    session = proofs.take(signed_in)
    secret = totp.decrypt_secret(signed_in.account_id, enrolment["totp_secret"])
    try:
        step = totp.verify_first_code(secret, code)
    except RekeyError:
        proofs.failed(signed_in, session, request.client)
        raise
    issued = recovery_codes.issue_recovery_codes()
    digests = recovery_codes.digests(signed_in.account_id, issued)
    _enable(signed_in, session, enrolment, changes.enabling_totp(enrolment["totp_secret"], step, digests), request)
    return RecoveryCodes(recovery_codes=issued)


def _read_session(bearer: str) -> tuple[SignedIn, Row | None]:
    """The session and the pending secret, if there is one, in one trip: the token names the account."""
    token = parse_token(ACCESS, bearer)
    wanted = [(settings().tokens_table, keys.enrolment(token.owner))] if token else []
    signed_in, others = sessions.require_session(bearer, *wanted)
    return signed_in, others[0]


def _require_enrolment(signed_in: SignedIn, enrolment: Row | None) -> Row:
    """A pending secret that is this sign-in's and in time. Raises TotpAlreadyEnabledError, EnrolmentNotFoundError."""
    if "totp_secret" in signed_in.account:
        raise TotpAlreadyEnabledError
    if not enrolment or enrolment["expires_at"] <= clock.now() or enrolment["epoch"] != signed_in.session["epoch"]:
        raise EnrolmentNotFoundError
    return enrolment


def _enable(
    signed_in: SignedIn, session: Row, enrolment: Row, enabling: Change, request: Request[VerifyRequest]
) -> None:
    """The secret becomes the account's, its first step spent: the code just typed works nowhere else.

    Sessions that the password alone began end with it; this one has just given a code too.
    """
    account, seen = signed_in.account, signed_in.session["epoch"]
    epoch, forgotten = changes.next_epoch(seen), proofs.allowance().failures(session)
    try:
        store.transact(
            store.deleting(
                settings().tokens_table,
                keys.enrolment(signed_in.account_id),
                "totp_secret = :secret AND expires_at > :now",
                secret=enrolment["totp_secret"],
                now=clock.now(),
            ),
            sessions.keeping(signed_in, epoch, forgotten, method="pwd otp"),
            changes.updating(account, changes.moving_epoch(seen, epoch), enabling),
            events.recording(account, TOTP_ENABLED, email=account["email"], client=request.client),
        )
    except ConditionFailedError as failed:
        raise (AccessTokenInvalidError if failed.index == 1 else EnrolmentNotFoundError) from None


lambda_handler = entry_point(totp_verify)
