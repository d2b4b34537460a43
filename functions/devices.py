"""POST /devices/forget: a device is known no longer, as its owner has lost it or lent it out."""

from http import HTTPStatus
from typing import Annotated

from msgspec import Meta

from rekey.accounts import changes, events
from rekey.accounts.event_types import DEVICE_FORGOTTEN
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    DeviceNotFoundError,
    InsufficientScopeError,
    ValidationFailedError,
)
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.sessions import devices, sessions


class ForgetRequest(Json):
    device_id: Annotated[str, Meta(description="As `GET /account` lists it", max_length=64)]


@route(
    "POST /devices/forget",
    body=ForgetRequest,
    status=HTTPStatus.NO_CONTENT,
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        DeviceNotFoundError,
    ),
)
def forget(request: Request[ForgetRequest]) -> None:
    """Forget a device.

    The next sign-in on it is one from a new device. Its sessions stay; `/revoke-tokens` ends them.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    account, device_id = signed_in.account, request.body.device_id
    listed = {each: used_at for each, used_at in account.get("devices", {}).items() if each != device_id}
    forgotten = events.recording(
        account, DEVICE_FORGOTTEN, email=account["email"], client=request.client, device_id=device_id
    )
    try:
        store.transact(
            devices.forgetting(account, device_id),
            changes.updating(account, changes.listing_devices(listed)),
            forgotten,
        )
    except ConditionFailedError:
        raise DeviceNotFoundError from None


lambda_handler = entry_point(forget)
