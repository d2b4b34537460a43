"""POST /totp/disable: the password and a code (or a recovery code) turn two-factor sign-in off."""

from http import HTTPStatus

from rekey.accounts import events
from rekey.accounts.event_types import TOTP_DISABLED
from rekey.api.http import Request, entry_point, route
from rekey.credentials import both_factors
from rekey.credentials.both_factors import BothFactors


@route("POST /totp/disable", body=BothFactors, status=HTTPStatus.NO_CONTENT, refuses=both_factors.REFUSES)
def totp_disable(request: Request[BothFactors]) -> None:
    """Turn off two-factor sign-in.

    Both factors are asked for anew.
    """
    signed_in, spent = both_factors.require(request)
    account = spent.account
    disabled = events.recording(account, TOTP_DISABLED, email=account["email"], client=request.client)
    both_factors.spend(signed_in, spent, spent.disabling(), disabled)


lambda_handler = entry_point(totp_disable)
