"""Failures of a client to sign in, over all addresses."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from rekey.accounts import keys
from rekey.api.errors import TooManyRequestsError
from rekey.aws import store
from rekey.aws.store import Row
from rekey.limits import allowances
from rekey.limits.allowances import Allowance
from rekey.settings import settings


def _sign_ins() -> Allowance:
    return Allowance("sign_in", settings().client_attempt_limit, settings().attempt_period)


def require_left(network: str) -> None:
    """Raises TooManyRequestsError for a client whose failures have used its allowance up: one password sprayed over
    many accounts meets no other limit.
    """
    allowance = _sign_ins()
    if not allowance.is_used_up(store.get(settings().tokens_table, _key(network)) or {}):
        return
    refused, present = _refused(), allowance.counter
    for stale in [each for each, counter in refused.items() if counter != present]:
        del refused[stale]
    refused[network] = present
    raise TooManyRequestsError(allowance.left_of_period())


def charge(network: str) -> None:
    """Count a failure. Who signs in rightly is charged nothing: a whole office may share an address."""
    with suppress(TooManyRequestsError):  # of a burst that was let in at once, more fail than are counted
        allowances.take(settings().tokens_table, _key(network), _sign_ins(), expires=":expires")


def _key(network: str) -> Row:
    return keys.limit("sign-in", network)


def require_allowed(network: str) -> None:
    """Raises TooManyRequestsError, without a call, for a client that met its limit here in this period.

    Its row is read while the address's attempt is taken: else a client that is refused could still lock one after
    another.
    """
    if _refused().get(network) == _sign_ins().counter:
        raise TooManyRequestsError(_sign_ins().left_of_period())


@cache
def _refused() -> dict[str, str]:
    """What this environment remembers: by network, the counter that is used up. Each failed so often first."""
    return {}
