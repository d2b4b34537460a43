"""POST /totp/recovery-codes: a proven session makes ten new recovery codes.

The old ones stop working at that moment. The new ones are shown now, and never again.
"""

from rekey.accounts import changes, events
from rekey.accounts.event_types import RECOVERY_CODES_REPLACED
from rekey.api.errors import AccessTokenInvalidError, ConflictError
from rekey.api.http import Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.credentials import proofs, recovery_codes
from rekey.credentials.recovery_codes import RecoveryCodes
from rekey.sessions import sessions


@route(
    "POST /totp/recovery-codes",
    answers=(RecoveryCodes,),
    refuses=proofs.FACTOR_REFUSES,
)
def totp_recovery_codes(request: Request[None]) -> RecoveryCodes:
    """Replace the recovery codes.

    It takes a proven session: codes that a stolen one could make would let the thief in forever.
    """
    signed_in = proofs.require_factor(request.bearer())
    account = signed_in.account
    issued = recovery_codes.issue_recovery_codes()
    digests = recovery_codes.digests(signed_in.account_id, issued)
    try:
        store.transact(
            sessions.enduring(signed_in),
            changes.updating(
                account,
                changes.in_epoch(signed_in.session["epoch"]),
                changes.replacing_recovery_codes(digests),
            ),
            events.recording(account, RECOVERY_CODES_REPLACED, email=account["email"], client=request.client),
        )
    except ConditionFailedError as failed:
        raise (AccessTokenInvalidError if failed.index == 0 else ConflictError) from None
    return RecoveryCodes(recovery_codes=issued)


lambda_handler = entry_point(totp_recovery_codes)
