"""What every call of an admin says: of whom, why, and who signed it. Bodies keep addresses out of URLs and logs."""

from __future__ import annotations

from typing import Any

from rekey.accounts import addresses, keys
from rekey.api.errors import AccountNotFoundError, IamRequiredError, ValidationFailedError
from rekey.api.fields import AccountId, Confirmation, Email, Reason
from rekey.api.http import Json, Request
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

REFUSES = (IamRequiredError, ValidationFailedError, AccountNotFoundError)
"""Whatever an admin asks for."""


class Whom(Json, kw_only=True):
    one_of = ("email", "account_id")

    email: Email | None = None
    account_id: AccountId | None = None


class Change(Whom, kw_only=True):
    reason: Reason


class ConfirmedChange(Change, kw_only=True):
    confirm: Confirmation


def find(request: Request[Any], email: str | None, account_id: str | None) -> tuple[Row | None, str]:
    """The account by its address or its id, and the address in its one form, if it was given.

    Raises ValidationFailedError.
    """
    email = addresses.parse_email(email) if email is not None else ""
    if email:
        address = store.get(settings().accounts_table, keys.address(addresses.email_digest(email)))
        account_id = address.get("account_id") if address else None
    if account_id:
        request.note(account_id=account_id)  # the log says of whom, too, and an address is not for logs
    account = store.get(settings().accounts_table, keys.account(account_id)) if account_id else None
    return account, email


def require_reason(request: Request[Any]) -> None:
    """Raises IamRequiredError, ValidationFailedError."""
    request.require_caller()
    reason = request.body.reason
    if not reason.strip() or not reason.isprintable():  # it is read on terminals
        raise ValidationFailedError("reason", "invalid")


def require_account(request: Request[Any], email: str | None, account_id: str | None) -> Row:
    """Whose account is to be changed. Raises IamRequiredError, ValidationFailedError, AccountNotFoundError."""
    require_reason(request)
    account, _ = find(request, email, account_id)
    if not account:
        raise AccountNotFoundError
    return account


def require_confirmation(request: Request[Any]) -> None:
    if not request.body.confirm:
        raise ValidationFailedError("confirm", "missing")


def by_whom(request: Request[Any]) -> dict[str, str]:
    """What an admin's event adds."""
    return {"admin": request.require_caller(), "reason": request.body.reason}
