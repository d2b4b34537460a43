"""POST /totp/disable: the password and a code (or a recovery code) turn two-factor sign-in off."""

from http import HTTPStatus

from rekey.accounts import events
from rekey.accounts.events import TOTP_DISABLED
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
from rekey.credentials import reauthentication, second_factor
from rekey.limits import allowances
from rekey.sessions import sessions


class DisableRequest(Json):
    password: Password
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


@route(
    "POST /totp/disable",
    body=DisableRequest,
    status=HTTPStatus.NO_CONTENT,
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
def totp_disable(request: Request[DisableRequest]) -> None:
    """Turn two-factor sign-in off with the password and a code or a recovery code.

    A wrong code counts as a wrong password does: whoever holds a session must not lock the code at its owner's sign-in.
    """
    body = request.body
    second_factor.require_one(body.code, body.recovery_code)
    signed_in, _ = sessions.require_session(request.bearer())
    account = reauthentication.require_password(signed_in.account, body.password, request.client)
    if "totp_secret" not in account:
        raise TotpNotEnabledError
    spent = second_factor.verify(account, body.code, body.recovery_code, allowances.passwords(), request.client)
    disabled = events.recording(account, TOTP_DISABLED, email=account["email"], client=request.client)
    try:
        store.transact(spent.disabling(), disabled)
    except ConditionFailedError:
        raise spent.refusal() from None


lambda_handler = entry_point(totp_disable)
