"""POST /reauthenticate: prove who is there, so that this session may change what guards the account."""

from http import HTTPStatus

from rekey.api import bodies
from rekey.api.client import Client
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    InsufficientScopeError,
    InvalidCredentialsError,
    RecoveryCodeInvalidError,
    RekeyError,
    TooManyRequestsError,
    TotpInvalidError,
    TotpUsedError,
    ValidationFailedError,
)
from rekey.api.fields import Code, Password, RecoveryCode
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import proofs, reauthentication, second_factor
from rekey.credentials.second_factor import Spending
from rekey.sessions import sessions
from rekey.sessions.sessions import SignedIn


class Proof(Json):
    password: Password
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


@route(
    "POST /reauthenticate",
    body=Proof,
    status=HTTPStatus.NO_CONTENT,
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        InvalidCredentialsError,
        TotpInvalidError,
        TotpUsedError,
        RecoveryCodeInvalidError,
        TooManyRequestsError,
    ),
)
def reauthenticate(request: Request[Proof]) -> None:
    """Prove who is there.

    Send the password and, if two-factor sign-in is on, a code or a recovery code. For a few minutes, the session may
    then change the second factor.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    body, has_totp = request.body, "totp_secret" in signed_in.account
    if has_totp:
        bodies.require_one(body, ("code", "recovery_code"))
    session = reauthentication.require_password(signed_in, body.password, request.client)
    if not has_totp:
        _write(proofs.proving(signed_in, session, "pwd"))
        return
    spent = _judge_code(signed_in, session, body, request.client)
    _write(
        proofs.proving(signed_in, session, spent.method),
        spent.spending(),
        *spent.events(request.client),
        refusal=spent.refusal(),
    )


def _judge_code(signed_in: SignedIn, session: Row, body: Proof, client: Client) -> Spending:
    """A wrong code counts as a wrong password does: a stolen session must not lock the code at its owner's sign-in."""
    try:
        return second_factor.verify(signed_in.account, body.code, body.recovery_code)
    except RekeyError:
        proofs.failed(signed_in, session, client)
        raise


def _write(proving: dict[str, object], *spent: dict[str, object], refusal: RekeyError | None = None) -> None:
    """The proof and the code it spends, together. The session comes first: if it has ended, that is what is told."""
    try:
        store.transact(proving, *spent)
    except ConditionFailedError as failed:
        raise (refusal if failed.index and refusal else AccessTokenInvalidError()) from None


lambda_handler = entry_point(reauthenticate)
