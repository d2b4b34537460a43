"""POST /admin/…: what an admin may change of an account. API Gateway lets in whom IAM allows, and tells who it is.

Each change and the event that names the admin and the reason are one transaction. No admin sees or chooses a password.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rekey.accounts import addresses, admins, changes, delivery, events, history, keys
from rekey.accounts.admins import Change, ConfirmedChange
from rekey.accounts.event_types import (
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    ACCOUNT_UNLOCKED,
    DELIVERY_RESTORED,
    RESET_REQUESTED,
    SESSIONS_REVOKED,
    TOTP_DISABLED,
)
from rekey.api.errors import (
    AccountDisabledError,
    AccountNotDisabledError,
    ConflictError,
    MailNotStoppedError,
    MailStoppedError,
    TooManyRequestsError,
    TotpNotEnabledError,
)
from rekey.api.http import Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.limits import allowances, attempts, known_devices, mail_requests
from rekey.limits.mail_requests import EmailRequested
from rekey.sessions import one_time
from rekey.settings import settings


@route(
    "POST /admin/reset-password",
    body=Change,
    answers=(EmailRequested,),
    status=HTTPStatus.ACCEPTED,
    refuses=(*admins.REFUSES, AccountDisabledError, MailStoppedError, TooManyRequestsError),
)
def reset_password(request: Request[Change]) -> EmailRequested:
    """Send the account's owner a password reset link.

    It has limits of its own, which nobody else can use up.
    """
    account = _account(request)
    if "disabled_at" in account:
        raise AccountDisabledError
    if delivery.stops(history.find_address(account["email"]), RESET_REQUESTED):  # it would be dropped without a word
        raise MailStoppedError
    return mail_requests.record_told(RESET_REQUESTED, account, request.client, **admins.by_whom(request))


@route(
    "POST /admin/mail-again",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*admins.REFUSES, MailNotStoppedError, ConflictError),
)
def mail_again(request: Request[Change]) -> None:
    """Resume emails to the account's address.

    For an address where they bounced or were marked as spam, once its owner says that the mailbox works.
    """
    account = _account(request)
    if not delivery.is_stopped(history.find_address(account["email"])):
        raise MailNotStoppedError
    _do(delivery.restoring(account), _event(account, DELIVERY_RESTORED, request))


@route(
    "POST /admin/force-sign-in",
    body=ConfirmedChange,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*admins.REFUSES, ConflictError),
)
def force_sign_in(request: Request[ConfirmedChange]) -> None:
    """End all sessions of an account.

    It may have none.
    """
    admins.require_confirmation(request)
    account = _account(request)
    _do(
        changes.updating(account, changes.raising_epoch(account)),
        _event(account, SESSIONS_REVOKED, request, scope="all"),
    )


@route(
    "POST /admin/clear-totp",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*admins.REFUSES, TotpNotEnabledError, ConflictError),
)
def clear_totp(request: Request[Change]) -> None:
    """Turn off an account's two-factor sign-in.

    For an owner who has lost the second factor. The recovery codes and all sessions end with it.
    """
    account = _account(request)
    if "totp_secret" not in account:
        raise TotpNotEnabledError
    forgetting = attempts.forgetting(account, allowances.codes())
    _do(
        changes.updating(account, changes.clearing_totp(), changes.raising_epoch(account), forgetting),
        one_time.voiding(keys.enrolment(account["account_id"])),
        _event(account, TOTP_DISABLED, request),
    )


@route("POST /admin/unlock", body=Change, status=HTTPStatus.NO_CONTENT, refuses=(*admins.REFUSES, ConflictError))
def unlock(request: Request[Change]) -> None:
    """Unlock an account.

    The wrong passwords and codes that have locked it, or a device of its owner's, are forgotten.
    """
    account = _account(request)
    address = keys.address(addresses.email_digest(account["email"]))
    counted = store.get(settings().accounts_table, address) or address
    _do(
        changes.updating(account, attempts.forgetting(account, allowances.codes())),
        attempts.unlocking(counted),
        *known_devices.unlocking(account),
        _event(account, ACCOUNT_UNLOCKED, request),
    )


@route(
    "POST /admin/disable",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*admins.REFUSES, AccountDisabledError, ConflictError),
)
def disable(request: Request[Change]) -> None:
    """Disable an account.

    It is signed out everywhere, and cannot sign in or reset its password until it is enabled.
    """
    account = _account(request)
    if "disabled_at" in account:
        raise AccountDisabledError
    # The epoch rises with it, so a session, a challenge and a sign-in under way end too, and only sign-in has to look.
    _do(
        changes.updating(account, changes.disabling(account)),
        one_time.voiding(keys.reset(account["account_id"])),
        _event(account, ACCOUNT_DISABLED, request),
    )


@route(
    "POST /admin/enable",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*admins.REFUSES, AccountNotDisabledError, ConflictError),
)
def enable(request: Request[Change]) -> None:
    """Enable a disabled account.

    What ended when it was disabled stays ended.
    """
    account = _account(request)
    if "disabled_at" not in account:
        raise AccountNotDisabledError
    _do(changes.updating(account, changes.enabling()), _event(account, ACCOUNT_ENABLED, request))


def _account(request: Request[Any]) -> Row:
    return admins.require_account(request, request.body.email, request.body.account_id)


def _event(account: Row, kind: str, request: Request[Any], **detail: str) -> dict[str, Any]:
    return events.recording(
        account, kind, email=account["email"], client=request.client, **admins.by_whom(request), **detail
    )


def _do(*writes: dict[str, Any]) -> None:
    """A change, its event and what goes with them: all or nothing. Raises ConflictError."""
    try:
        store.transact(*writes)
    except ConditionFailedError:  # deleted, or changed in the same way, since it was read
        raise ConflictError from None


lambda_handler = entry_point(reset_password, mail_again, force_sign_in, clear_totp, unlock, disable, enable)
