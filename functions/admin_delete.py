"""POST /admin/delete: an account goes for good, with the event that names the admin and the reason.

No other function may delete rows of an account in bulk.
"""

from __future__ import annotations

import msgspec

from rekey.accounts import admins, deletion
from rekey.api.errors import AccountNotFoundError, ConflictError
from rekey.api.fields import AccountId, Confirmation, Reason
from rekey.api.http import Json, Request, entry_point, route


class DeleteRequest(Json, kw_only=True):
    """By its id alone: repeated by address, it would meet whoever has signed up with that address since."""

    account_id: AccountId
    reason: Reason
    confirm: Confirmation


class Deleted(msgspec.Struct, kw_only=True):
    account_id: AccountId
    rows: int
    finished: bool


@route("POST /admin/delete", body=DeleteRequest, answers=(Deleted,), refuses=(*admins.REFUSES, ConflictError))
def delete(request: Request[DeleteRequest]) -> Deleted:
    """Delete an account for good.

    At once it is gone and its address free. Its rows go a thousand per call: repeat until `finished` is true.
    """
    admins.require_confirmation(request)
    account_id = request.body.account_id
    try:
        account = admins.require_account(request, None, account_id)
    except AccountNotFoundError:
        deleted = deletion.find(account_id)
        if not deleted:
            raise
    else:
        deleted = deletion.begin(account, request.client, **admins.by_whom(request))
    rows, finished = deletion.sweep(deleted)
    return Deleted(account_id=account_id, rows=rows, finished=finished)


lambda_handler = entry_point(delete)
