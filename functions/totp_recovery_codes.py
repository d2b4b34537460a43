"""POST /totp/recovery-codes: the password and a code (or a recovery code) buy ten new recovery codes.

The old ones stop working at that moment. The new ones are shown now, and never again.
"""

from rekey.accounts import events
from rekey.accounts.event_types import RECOVERY_CODES_REPLACED
from rekey.api.http import Request, entry_point, route
from rekey.credentials import both_factors, recovery_codes
from rekey.credentials.both_factors import BothFactors
from rekey.credentials.recovery_codes import RecoveryCodes


@route("POST /totp/recovery-codes", body=BothFactors, answers=(RecoveryCodes,), refuses=both_factors.REFUSES)
def totp_recovery_codes(request: Request[BothFactors]) -> RecoveryCodes:
    """Replace the recovery codes.

    Both factors, and anew: codes that a stolen session could make would let the thief in forever.
    """
    signed_in, spent = both_factors.require(request)
    account = spent.account
    issued = recovery_codes.issue_recovery_codes()
    replaced = events.recording(account, RECOVERY_CODES_REPLACED, email=account["email"], client=request.client)
    both_factors.spend(signed_in, spent, spent.replacing(issued), replaced)
    return RecoveryCodes(recovery_codes=issued)


lambda_handler = entry_point(totp_recovery_codes)
