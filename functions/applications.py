"""POST /applications/withdraw: an application is no longer connected, and every session of it ends at once."""

from http import HTTPStatus

from rekey.accounts import changes, events
from rekey.accounts.event_types import APPLICATION_WITHDRAWN
from rekey.api.errors import (
    AccessTokenInvalidError,
    ApplicationNotFoundError,
    AuthenticationRequiredError,
    ConflictError,
    InsufficientScopeError,
    ValidationFailedError,
)
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.oauth.registration import ClientId
from rekey.sessions import sessions


class Withdrawal(Json):
    client_id: ClientId


@route(
    "POST /applications/withdraw",
    body=Withdrawal,
    status=HTTPStatus.NO_CONTENT,
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        ApplicationNotFoundError,
        ConflictError,
    ),
)
def withdraw(request: Request[Withdrawal]) -> None:
    """Withdraw an application.

    Its sessions end. It has to ask for consent again.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    account, client_id = signed_in.account, request.body.client_id
    connection = account.get("applications", {}).get(client_id)
    if not connection:
        raise ApplicationNotFoundError
    withdrawn = events.recording(
        account,
        APPLICATION_WITHDRAWN,
        email=account["email"],
        client=request.client,
        client_id=client_id,
        application=connection["name"],
    )
    try:
        store.transact(
            changes.updating(account, changes.disconnecting(account, client_id)),
            sessions.enduring(signed_in),
            withdrawn,
        )
    except ConditionFailedError:
        raise ConflictError from None


lambda_handler = entry_point(withdraw)
