"""POST /totp/disable: a proven session turns two-factor sign-in off. Every other session ends with it."""

from http import HTTPStatus

from rekey.accounts import changes, events, required_totp
from rekey.accounts.event_types import TOTP_DISABLED
from rekey.api.errors import AccessTokenInvalidError, ConflictError, TotpRequiredError
from rekey.api.http import Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.credentials import proofs
from rekey.sessions import sessions


@route(
    "POST /totp/disable",
    status=HTTPStatus.NO_CONTENT,
    refuses=(*proofs.FACTOR_REFUSES, TotpRequiredError),
)
def totp_disable(request: Request[None]) -> None:
    """Turn off two-factor sign-in.

    Every other session ends.
    """
    signed_in = proofs.require_factor(request.bearer())
    if required_totp.is_required(signed_in.account):
        raise TotpRequiredError
    account, seen = signed_in.account, signed_in.session["epoch"]
    epoch = changes.next_epoch(seen)
    try:
        store.transact(
            changes.updating(account, changes.clearing_totp(), changes.moving_epoch(seen, epoch)),
            sessions.keeping(signed_in, epoch),
            events.recording(account, TOTP_DISABLED, email=account["email"], client=request.client),
        )
    except ConditionFailedError as failed:
        raise (AccessTokenInvalidError if failed.index == 1 else ConflictError) from None


lambda_handler = entry_point(totp_disable)
