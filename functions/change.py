"""POST /change: a new password for whoever proves the current one. Every other session ends with the old password."""

from http import HTTPStatus

from rekey.accounts import changes, events, keys
from rekey.accounts.event_types import PASSWORD_CHANGED
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    ConflictError,
    InsufficientScopeError,
    InvalidCredentialsError,
    SamePasswordError,
    TooManyRequestsError,
    ValidationFailedError,
    WeakPasswordError,
)
from rekey.api.fields import NewPassword, Password
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import new_passwords, passwords, proofs, reauthentication
from rekey.sessions import one_time, sessions
from rekey.sessions.sessions import SignedIn


class ChangeRequest(Json):
    current_password: Password
    new_password: NewPassword


@route(
    "POST /change",
    body=ChangeRequest,
    status=HTTPStatus.NO_CONTENT,
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        InvalidCredentialsError,
        SamePasswordError,
        WeakPasswordError,
        TooManyRequestsError,
        ConflictError,
    ),
)
def change(request: Request[ChangeRequest]) -> None:
    """Change the password.

    Every other session ends. The new password is judged first: that takes no attempt from the owner, and tells nothing
    of the current one. Only what leaves Rekey, the look-up of breaches, waits for the proof; whom it refuses gets the
    attempt back.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    body = request.body
    if passwords.normalise(body.new_password) == passwords.normalise(body.current_password):
        raise SamePasswordError("new_password", "unchanged")
    new_passwords.require_strong("new_password", body.new_password, signed_in.account)
    session = reauthentication.require_password(signed_in, body.current_password, request.client)
    try:
        new_passwords.require_unbreached("new_password", body.new_password)
    except WeakPasswordError:
        reauthentication.give_back(signed_in)
        raise
    _set_password(signed_in, session, request)


def _set_password(signed_in: SignedIn, session: Row, request: Request[ChangeRequest]) -> None:
    """The password, the end of the other sessions and of any mailed link, and the event: together or not at all."""
    account, seen = signed_in.account, session["epoch"]
    epoch = changes.next_epoch(seen)
    password_hash = passwords.hash_password(request.body.new_password)
    try:
        store.transact(
            changes.updating(
                account,
                changes.unchanged(account, "password_hash"),
                changes.setting_password(password_hash, changes.moving_epoch(seen, epoch)),
            ),
            sessions.keeping(signed_in, epoch, forgotten=proofs.allowance().failures(session)),
            one_time.voiding(keys.reset(signed_in.account_id)),
            events.recording(account, PASSWORD_CHANGED, email=account["email"], client=request.client),
        )
    except ConditionFailedError:
        raise ConflictError from None


lambda_handler = entry_point(change)
