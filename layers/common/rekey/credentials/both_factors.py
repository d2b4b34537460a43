"""The password and the second factor, proven anew: what flows ask for that change the second factor."""

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
from rekey.api.http import Json, Request
from rekey.credentials import reauthentication, second_factor
from rekey.credentials.second_factor import Spending
from rekey.limits import allowances
from rekey.sessions import sessions

REFUSES = (
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
)
"""Of `require`."""


class BothFactors(Json):
    password: Password
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


def require(request: Request[BothFactors]) -> Spending:
    """The password and a code or a recovery code of whoever is signed in, right and to be spent by what they buy.

    A wrong code counts as a wrong password does: whoever holds a session must not lock the code at its owner's sign-in.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    body = request.body
    second_factor.require_one(body.code, body.recovery_code)
    account = reauthentication.require_password(signed_in, body.password, request.client)
    if "totp_secret" not in account:
        raise TotpNotEnabledError
    return second_factor.verify(account, body.code, body.recovery_code, allowances.passwords(), request.client)
