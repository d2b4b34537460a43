"""POST /totp/recovery-codes: the password and a code (or a recovery code) buy ten new recovery codes.

The old ones stop working at that moment. The new ones are shown now, and never again.
"""

from rekey.accounts import events
from rekey.accounts.events import RECOVERY_CODES_REPLACED
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    InvalidCredentialsError,
    RecoveryCodeInvalidError,
    TooManyRequestsError,
    TotpClockError,
    TotpInvalidError,
    TotpNotEnabledError,
    TotpUsedError,
    ValidationFailedError,
)
from rekey.api.fields import Code, Password, RecoveryCode
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.credentials import reauthentication, recovery_codes, second_factor
from rekey.credentials.recovery_codes import RecoveryCodes
from rekey.limits import allowances
from rekey.sessions import sessions


class ReplaceRequest(Json):
    password: Password
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


@route(
    "POST /totp/recovery-codes",
    body=ReplaceRequest,
    answers=(RecoveryCodes,),
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        ValidationFailedError,
        TotpNotEnabledError,
        InvalidCredentialsError,
        TotpInvalidError,
        TotpUsedError,
        TotpClockError,
        RecoveryCodeInvalidError,
        TooManyRequestsError,
    ),
)
def totp_recovery_codes(request: Request[ReplaceRequest]) -> RecoveryCodes:
    """Replace all recovery codes with the password and a code or a recovery code.

    Both, and anew: codes that a stolen session could make would let the thief in for ever.
    """
    body = request.body
    second_factor.require_one(body.code, body.recovery_code)
    signed_in, _ = sessions.require_session(request.bearer())
    account = reauthentication.require_password(signed_in.account, body.password, request.client)
    if "totp_secret" not in account:
        raise TotpNotEnabledError
    spent = second_factor.verify(account, body.code, body.recovery_code, allowances.passwords(), request.client)
    issued = recovery_codes.issue_recovery_codes()
    replaced = events.recording(account, RECOVERY_CODES_REPLACED, email=account["email"], client=request.client)
    try:
        store.transact(spent.replacing(issued), replaced)
    except ConditionFailedError:
        raise spent.refusal() from None
    return RecoveryCodes(recovery_codes=issued)


lambda_handler = entry_point(totp_recovery_codes)
