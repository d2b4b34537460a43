"""Attempts of a known device, which are its own; the device as a sign-in leaves it, and the event that tells."""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.accounts import events, keys
from rekey.accounts.event_types import SIGNED_IN
from rekey.api.client import Client
from rekey.api.errors import TooManyRequestsError
from rekey.aws.store import ConditionFailedError, Row
from rekey.limits import allowances
from rekey.limits.allowances import Allowance
from rekey.sessions import devices
from rekey.sessions.devices import Device
from rekey.sessions.tokens import Token
from rekey.settings import settings


def take_for_password(email_digest: str, presented: Token | None) -> Row | None:
    """An attempt of the device whose token it is, and in the same trip which account it is of.

    None if no such device is known at the address: then it is a stranger's attempt. Raises TooManyRequestsError.
    """
    if not presented:
        return None
    return _take(email_digest, presented.token_id, presented.digest(), allowances.passwords())


def take_for_code(email_digest: str, challenge: Row) -> Row | None:
    """The same of the device on which the password was given: a stranger who knows the password locks no code there."""
    if "device_id" not in challenge:
        return None
    return _take(email_digest, challenge["device_id"], challenge["device_digest"], allowances.codes())


def _take(email_digest: str, device_id: str, digest: bytes, allowance: Allowance) -> Row | None:
    key = keys.device(email_digest, device_id)
    known = {"only": "digest = :digest AND expires_at > :present", "digest": digest, "present": clock.now()}
    try:
        return allowances.take_if(settings().tokens_table, key, allowance, **known)
    except ConditionFailedError as refused:
        if not devices.is_good(refused.row, digest):
            return None
        raise TooManyRequestsError(allowance.wait(refused.row)) from None


def clearing(known: Row) -> dict[str, Any]:
    """The write that forgets its failures, as its owner has just given the password on it."""
    return devices.updating(known, _failures(known))


def unlocking(account: Row) -> list[dict[str, Any]]:
    """The writes that forget the failures on an account's devices, as an admin wishes, where there are any."""
    failed = [
        row
        for row in devices.find_all(account)
        if allowances.passwords().counters(row) or allowances.codes().counters(row)
    ]
    return [clearing(row) for row in failed]


def leave(account: Row, known: Row | None, presented: Token | None, client: Client, **trust: Any) -> Device:
    """The device as a sign-in leaves it: the known one, or a new one, also in place of a reset link.

    `presented` is its token, if it was sent.
    """
    if not known or "link" in known:
        return devices.begin(account, client, known, **trust)
    token = presented if presented and presented.matches(known["digest"]) else None
    return devices.use(account, known, token, _failures(known), **trust)


def recording_sign_in(account: Row, device: Device, session_id: str, client: Client) -> dict[str, Any]:
    """The write of the event; its owner gets an email if the device is new. By the session, its own page knows it."""
    began = {"device": device.kind, "session_id": session_id}
    return events.recording(account, SIGNED_IN, email=account["email"], client=client, **began)


def _failures(known: Row) -> set[str]:
    return allowances.passwords().failures(known) | allowances.codes().failures(known)
