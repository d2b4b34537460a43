"""Attempts to sign in of a client, over all addresses."""

from __future__ import annotations

from functools import cache

from rekey.accounts import keys
from rekey.api.errors import TooManyRequestsError
from rekey.limits import allowances
from rekey.limits.allowances import Allowance
from rekey.settings import settings


def _sign_ins() -> Allowance:
    return Allowance("sign_in", settings().client_attempt_limit, settings().attempt_period)


def take(network: str) -> None:
    """Raises TooManyRequestsError. One password sprayed over many accounts meets no other limit."""
    allowance = _sign_ins()
    try:
        allowances.take(settings().tokens_table, keys.limit("sign-in", network), allowance, expires=":expires")
    except TooManyRequestsError:
        refused, present = _refused(), allowance.counter
        for stale in [each for each, counter in refused.items() if counter != present]:
            del refused[stale]
        refused[network] = present
        raise


def require_allowed(network: str) -> None:
    """Raises TooManyRequestsError, without a call, for a client that met its limit here in this period.

    Its attempt and the address's are taken at once: else a client that is refused could still lock one after another.
    """
    if _refused().get(network) == _sign_ins().counter:
        raise TooManyRequestsError(_sign_ins().left_of_period())


@cache
def _refused() -> dict[str, str]:
    """What this environment remembers: by network, the counter that is used up. Each took its whole allowance first."""
    return {}
