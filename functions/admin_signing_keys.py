"""POST /admin/signing-keys/…: the keys that sign for applications, listed and turned.

One call lays a whole turn down, and time makes it. A call that broke off is repeated: a key that was made is found
again, and a key that was to be ended is.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rekey import clock
from rekey.accounts import admins, events, keys
from rekey.accounts.event_types import SIGNING_KEY_ROTATED
from rekey.api.errors import (
    ConflictError,
    IamRequiredError,
    SigningKeyNotFoundError,
    SigningKeysTurningError,
    ValidationFailedError,
)
from rekey.api.fields import Confirmation, Reason, Time
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.oauth import key_turns, made_keys, signing_keys

KeyId = Annotated[str, Meta(description="The `kid` of a token's header; KMS knows the key by it", max_length=64)]


class RotateRequest(Json):
    reason: Reason
    confirm: Confirmation
    leaked: Annotated[KeyId, Meta(description="After a leak: the key to end at once")] | None = None


class SigningKey(msgspec.Struct, kw_only=True):
    kid: KeyId
    state: Literal["next", "current", "retired", "ended", "spare"]
    """`spare` is made and waits for the next turn, because something broke off before it was used."""
    published_at: Time | None = None
    signs_from: Time | None = None
    published_until: Time | None = None


class SigningKeys(msgspec.Struct):
    signing_keys: list[SigningKey]


@route("POST /admin/signing-keys/list", answers=(SigningKeys,), refuses=(IamRequiredError,))
def list_all(request: Request[None]) -> SigningKeys:
    """List the keys that sign for applications."""
    request.require_caller()
    every = signing_keys.read()["keys"]
    spare = made_keys.find_spare([key["kid"] for key in every])
    return SigningKeys([*_shown(every).signing_keys, *(SigningKey(kid=kid, state="spare") for kid in spare)])


@route(
    "POST /admin/signing-keys/rotate",
    body=RotateRequest,
    answers=(SigningKeys,),
    refuses=(
        IamRequiredError,
        ValidationFailedError,
        SigningKeyNotFoundError,
        SigningKeysTurningError,
        ConflictError,
    ),
)
def rotate(request: Request[RotateRequest]) -> SigningKeys:
    """Turn the signing key, or end one that leaked.

    The new key signs two hours and a quarter later. The old one stays published for two hours more.
    """
    admins.require_reason(request)
    admins.require_confirmation(request)
    seen = signing_keys.read()
    every = _end(request, seen, request.body.leaked) if request.body.leaked else _turn(request, seen)
    return _shown(every)


def _turn(request: Request[RotateRequest], seen: Row) -> list[Row]:
    """Raises SigningKeysTurningError, ConflictError."""
    until = key_turns.under_way_until(seen["keys"])
    if until > clock.now():
        raise SigningKeysTurningError(until)
    retiring = signing_keys.current_of(seen["keys"])["kid"]
    for key in seen["keys"]:
        if key["kid"] != retiring:  # before it leaves the row: as long as it stands there, it is no spare one
            made_keys.end(key["kid"])
    kid = _next(seen)
    every = key_turns.turned(seen["keys"], kid, signing_keys.modulus(kid))
    _write(request, seen, every, kid=kid, retired_kid=retiring, cause="turn")
    return every


def _end(request: Request[RotateRequest], seen: Row, leaked: str) -> list[Row]:
    """Raises SigningKeyNotFoundError, ConflictError."""
    every: list[Row] = seen["keys"]
    found = next((key for key in every if key["kid"] == leaked), None)
    if not found:
        raise SigningKeyNotFoundError
    if key_turns.state_of(found, every) != "ended":
        every = key_turns.without(every, leaked, _replacement(seen, leaked))
        current = signing_keys.current_of(every)["kid"]
        _write(request, seen, every, kid=current, retired_kid=leaked, cause="leak")
    made_keys.end(leaked)  # also by a call that comes again, because the one before it broke off here
    return every


def _replacement(seen: Row, leaked: str) -> Row | None:
    """A new key, where the one that leaked signs and none comes after it."""
    is_current = signing_keys.current_of(seen["keys"])["kid"] == leaked
    if not is_current or key_turns.has_next(seen["keys"]):
        return None
    kid = _next(seen)
    return key_turns.replacing(kid, signing_keys.modulus(kid))


def _next(seen: Row) -> str:
    """The key that a call before this one made and could not enter, or a new one."""
    spare = made_keys.find_spare([key["kid"] for key in seen["keys"]])
    return spare[0] if spare else made_keys.make()


def _write(request: Request[RotateRequest], seen: Row, every: list[Row], **told: str) -> None:
    """The row and the event, unless another call has come first. Raises ConflictError."""
    request.note(kid=told["kid"])
    row = keys.signing_keys()
    event = events.recording(
        row, SIGNING_KEY_ROTATED, email=None, client=request.client, **admins.by_whom(request), **told
    )
    try:
        store.transact(signing_keys.replacing(seen, every), event)
    except ConditionFailedError:
        raise ConflictError from None


def _shown(every: list[Row]) -> SigningKeys:
    return SigningKeys([_state(key, every) for key in sorted(every, key=lambda key: int(key["current_from"]))])


def _state(key: Row, every: list[Row]) -> SigningKey:
    times: dict[str, Any] = {
        "published_at": key["published_at"],
        "signs_from": key["current_from"],
        "published_until": key.get("published_until"),
    }
    told = {name: clock.iso(time) for name, time in times.items() if time}  # the template's key was always there
    return SigningKey(kid=key["kid"], state=key_turns.state_of(key, every), **told)


lambda_handler = entry_point(list_all, rotate)
