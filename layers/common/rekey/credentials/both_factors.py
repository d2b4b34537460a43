"""The password and the second factor, proven anew: what flows ask for that change the second factor."""

from typing import Any

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
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.credentials import reauthentication, second_factor
from rekey.credentials.second_factor import Spending
from rekey.limits import allowances
from rekey.sessions import sessions
from rekey.sessions.sessions import SignedIn

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
    one_of = ("code", "recovery_code")

    password: Password
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


def require(request: Request[BothFactors]) -> tuple[SignedIn, Spending]:
    """Who is signed in, and their password and code or recovery code, right and to be spent by what they buy.

    A wrong code counts as a wrong password does: whoever holds a session must not lock the code at its owner's sign-in.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    body = request.body
    account = reauthentication.require_password(signed_in, body.password, request.client)
    if "totp_secret" not in account:
        raise TotpNotEnabledError
    spent = second_factor.verify(account, body.code, body.recovery_code, allowances.passwords(), request.client)
    return signed_in, spent


def spend(signed_in: SignedIn, spent: Spending, *writes: dict[str, Any]) -> None:
    """Make the writes that spend the code, all or none, in a session that has not been ended meanwhile.

    Raises AccessTokenInvalidError, and what the second of two that spend one code is told.
    """
    try:
        store.transact(sessions.enduring(signed_in), *writes)
    except ConditionFailedError as failed:
        raise (AccessTokenInvalidError() if failed.index == 0 else spent.refusal()) from None
