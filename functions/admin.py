"""POST /admin/…: what an admin may do to an account. API Gateway lets in whom IAM allows, and tells who it is.

Bodies keep addresses out of URLs and access logs. Each change and the event that names the admin and the reason are one
transaction. No admin sees or chooses a password.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from rekey import account_report
from rekey.account_report import AccountReport
from rekey.accounts import addresses, changes, deletion, delivery, events, history, keys
from rekey.accounts.events import (
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
    AccountNotFoundError,
    ConflictError,
    IamRequiredError,
    MailNotStoppedError,
    MailStoppedError,
    TooManyRequestsError,
    TotpNotEnabledError,
    ValidationFailedError,
)
from rekey.api.fields import AccountId, Confirmation, Email, Reason
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.limits import allowances, attempts, mail_requests
from rekey.sessions import one_time
from rekey.settings import settings

_EVERY = (IamRequiredError, ValidationFailedError, AccountNotFoundError)


class Whom(Json, kw_only=True):
    email: Email | None = None
    account_id: AccountId | None = None


class Change(Whom, kw_only=True):
    reason: Reason


class ConfirmedChange(Change, kw_only=True):
    confirm: Confirmation = False


class DeleteRequest(Json, kw_only=True):
    """By its id alone: repeated by address, it would meet whoever has signed up with that address since."""

    account_id: AccountId
    reason: Reason
    confirm: Confirmation = False


class Deleted(msgspec.Struct, kw_only=True):
    account_id: str
    rows: int
    finished: bool


@route("POST /admin/find", body=Whom, answers=(AccountReport,), refuses=_EVERY)
def find(request: Request[Whom]) -> AccountReport:
    """Look an account up by its address or its id; or an address that has no account and has asked for one."""
    request.require_caller()
    account, email = _find(request.body)
    if account:
        return account_report.of_account(account)
    report = account_report.of_address(email) if email else account_report.of_deleted(request.body.account_id or "")
    if not report:
        raise AccountNotFoundError
    return report


@route(
    "POST /admin/reset-password",
    body=Change,
    status=HTTPStatus.ACCEPTED,
    refuses=(*_EVERY, AccountDisabledError, MailStoppedError, TooManyRequestsError),
)
def reset_password(request: Request[Change]) -> None:
    """Send the account's owner a link to set a new password, under the same limits as if they had asked."""
    account = _require_account(request)
    if "disabled_at" in account:
        raise AccountDisabledError
    if delivery.is_stopped(history.find_address(account["email"])):  # the mail would be dropped without a word
        raise MailStoppedError
    email = account["email"]
    address = keys.address(addresses.email_digest(email))
    mail_requests.record_told(RESET_REQUESTED, address, email, request.client, **_by_whom(request))


@route(
    "POST /admin/mail-again",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*_EVERY, MailNotStoppedError, ConflictError),
)
def mail_again(request: Request[Change]) -> None:
    """Let mails go again to an address where they bounced or were called spam: the mailbox works, its owner says."""
    account = _require_account(request)
    if not delivery.is_stopped(history.find_address(account["email"])):
        raise MailNotStoppedError
    _do(delivery.restoring(account), _event(account, DELIVERY_RESTORED, request))


@route(
    "POST /admin/force-sign-in", body=ConfirmedChange, status=HTTPStatus.NO_CONTENT, refuses=(*_EVERY, ConflictError)
)
def force_sign_in(request: Request[ConfirmedChange]) -> None:
    """End all tokens of an account, which may have none."""
    _require_confirmation(request)
    account = _require_account(request)
    _do(
        changes.updating(account, changes.raising_epoch()),
        _event(account, SESSIONS_REVOKED, request, scope="all"),
    )


@route(
    "POST /admin/clear-totp",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*_EVERY, TotpNotEnabledError, ConflictError),
)
def clear_totp(request: Request[Change]) -> None:
    """Turn two-factor sign-in off for somebody who has lost the second factor: secret, codes, and all sessions."""
    account = _require_account(request)
    if "totp_secret" not in account:
        raise TotpNotEnabledError
    forgetting = attempts.forgetting(account, allowances.codes())
    _do(
        changes.updating(account, changes.clearing_totp(), changes.raising_epoch(), forgetting),
        one_time.voiding(keys.enrolment(account["account_id"])),
        _event(account, TOTP_DISABLED, request),
    )


@route("POST /admin/unlock", body=Change, status=HTTPStatus.NO_CONTENT, refuses=(*_EVERY, ConflictError))
def unlock(request: Request[Change]) -> None:
    """Forget the wrong passwords and codes that have locked an account."""
    account = _require_account(request)
    address = keys.address(addresses.email_digest(account["email"]))
    counted = store.get(settings().accounts_table, address) or address
    _do(
        changes.updating(account, attempts.forgetting(account, allowances.codes(), allowances.passwords())),
        attempts.unlocking(counted),
        _event(account, ACCOUNT_UNLOCKED, request),
    )


@route(
    "POST /admin/disable",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*_EVERY, AccountDisabledError, ConflictError),
)
def disable(request: Request[Change]) -> None:
    """Disable an account: it is signed out everywhere, and cannot sign in or reset its password until it is enabled.

    The epoch rises with it, so a session, a challenge and a sign-in under way end too, and only sign-in has to look.
    """
    account = _require_account(request)
    if "disabled_at" in account:
        raise AccountDisabledError
    _do(
        changes.updating(account, changes.disabling()),
        one_time.voiding(keys.reset(account["account_id"])),
        _event(account, ACCOUNT_DISABLED, request),
    )


@route(
    "POST /admin/enable",
    body=Change,
    status=HTTPStatus.NO_CONTENT,
    refuses=(*_EVERY, AccountNotDisabledError, ConflictError),
)
def enable(request: Request[Change]) -> None:
    """Let a disabled account sign in again. What ended when it was disabled stays ended."""
    account = _require_account(request)
    if "disabled_at" not in account:
        raise AccountNotDisabledError
    _do(changes.updating(account, changes.enabling()), _event(account, ACCOUNT_ENABLED, request))


@route("POST /admin/delete", body=DeleteRequest, answers=(Deleted,), refuses=(*_EVERY, ConflictError))
def delete(request: Request[DeleteRequest]) -> Deleted:
    """Delete an account for good. Repeat it until it is finished: at once it is gone, and its address free; its rows go
    a thousand a call.
    """
    _require_confirmation(request)
    account_id = request.body.account_id
    try:
        account = _require_account(request)
    except AccountNotFoundError:
        deleted = deletion.find(account_id)
        if not deleted:
            raise
    else:
        deleted = deletion.begin(account, request.client, **_by_whom(request))
    rows, finished = deletion.sweep(deleted)
    return Deleted(account_id=account_id, rows=rows, finished=finished)


def _find(whom: Whom | DeleteRequest) -> tuple[Row | None, str]:
    """The account, and the address that was asked for, if it was. Raises ValidationFailedError."""
    asked = getattr(whom, "email", None)
    if (asked is None) == (whom.account_id is None):
        raise ValidationFailedError("email", "missing" if asked is None else "ambiguous")
    email = addresses.parse_email(asked) if asked is not None else ""
    account_id = whom.account_id
    if email:
        address = store.get(settings().accounts_table, keys.address(addresses.email_digest(email)))
        account_id = address.get("account_id") if address else None
    account = store.get(settings().accounts_table, keys.account(account_id)) if account_id else None
    return account, email


def _require_account(request: Request[Any]) -> Row:
    """Whose account is to be changed. Raises IamRequiredError, ValidationFailedError, AccountNotFoundError."""
    request.require_caller()
    reason = request.body.reason
    if not reason.strip() or not reason.isprintable():  # it is read on terminals
        raise ValidationFailedError("reason", "invalid")
    account, _ = _find(request.body)
    if not account:
        raise AccountNotFoundError
    return account


def _require_confirmation(request: Request[Any]) -> None:
    if not request.body.confirm:
        raise ValidationFailedError("confirm", "missing")


def _by_whom(request: Request[Any]) -> dict[str, str]:
    return {"admin": request.require_caller(), "reason": request.body.reason}


def _event(account: Row, kind: str, request: Request[Any], **detail: str) -> dict[str, Any]:
    return events.recording(account, kind, email=account["email"], client=request.client, **_by_whom(request), **detail)


def _do(*writes: dict[str, Any]) -> None:
    """A change, its event and what goes with them: all or nothing. Raises ConflictError."""
    try:
        store.transact(*writes)
    except ConditionFailedError:  # deleted, or changed in the same way, since it was read
        raise ConflictError from None


lambda_handler = entry_point(
    find, reset_password, mail_again, force_sign_in, clear_totp, unlock, disable, enable, delete
)
