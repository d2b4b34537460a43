"""Refusals: codes that prove nothing, a state that has changed meanwhile, and accounts in another state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rekey.api import errors
from tests.calls import meanwhile
from tests.flows.refusals import refusing
from tests.stack import SECOND_PASSWORD, Account, Answer, Clock, Stack, code_at, next_code

Proving = Callable[[Stack, str], Answer]


def _protected(stack: Stack) -> Account:
    return stack.enable_totp(stack.sign_up())


def _change(stack: Stack, account: Account, current: str, new: str) -> Answer:
    return stack.call("POST /change", {"current_password": current, "new_password": new}, token=account.access_token)


def _prove(stack: Stack, route: str, account: Account, **fields: str) -> Answer:
    return stack.call(route, {"password": account.password, **fields}, token=account.access_token)


def _at(route: str, proving: Proving, stack: Stack, _: Clock) -> Answer:
    return proving(stack, route)


def refusing_both(error: type[errors.RekeyError]) -> Callable[[Proving], Proving]:
    """Of the two flows that take the password and a code."""

    def register(proving: Proving) -> Proving:
        for route in ("POST /totp/recovery-codes", "POST /totp/disable"):
            refusing(route, error)(partial(_at, route, proving))
        return proving

    return register


def _second_step(stack: Stack, account: Account, **fields: str) -> Answer:
    return stack.call("POST /sign-in/totp", {"challenge_token": stack.challenge(account), **fields})


@refusing("POST /sign-in/totp", errors.TotpUsedError)
def enrolment_code_again(stack: Stack, _: Clock) -> Answer:
    account = _protected(stack)
    return _second_step(stack, account, code=code_at(account, 0))


@refusing("POST /sign-in/totp", errors.TotpClockError)
def fast_clock(stack: Stack, _: Clock) -> Answer:
    account = _protected(stack)
    return _second_step(stack, account, code=code_at(account, 120))


@refusing("POST /sign-in/totp", errors.RecoveryCodeInvalidError)
def wrong_recovery_code(stack: Stack, _: Clock) -> Answer:
    return _second_step(stack, _protected(stack), recovery_code="0000-0000-0000-0000-0000-0000")


@refusing("POST /change", errors.ConflictError)
def revoked_meanwhile(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    other = stack.sign_in_again(account)
    with meanwhile(
        "TransactWriteItems", lambda: stack.call("POST /revoke-tokens", {"scope": "all"}, token=other.access_token)
    ):
        return _change(stack, account, account.password, SECOND_PASSWORD)


@refusing("POST /revoke-tokens", errors.ConflictError)
def both_revoke(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    other = stack.sign_in_again(account)
    with meanwhile(
        "TransactWriteItems", lambda: stack.call("POST /revoke-tokens", {"scope": "all"}, token=other.access_token)
    ):
        return stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)


@refusing("POST /totp/setup", errors.ReauthenticationRequiredError)
def old_sign_in(stack: Stack, frozen: Clock) -> Answer:
    account = stack.sign_up()
    frozen.advance(int(stack.template.parameters["StepUpAge"]))
    access_token = stack.refresh(account.refresh_token).json["access_token"]
    return stack.call("POST /totp/setup", {}, token=access_token)


@refusing("POST /totp/setup", errors.TotpAlreadyEnabledError)
def set_up_again(stack: Stack, _: Clock) -> Answer:
    return stack.call("POST /totp/setup", {}, token=_protected(stack).access_token)


@refusing("POST /totp/verify", errors.TotpAlreadyEnabledError)
def verify_again(stack: Stack, _: Clock) -> Answer:
    account = _protected(stack)
    return stack.call("POST /totp/verify", {"code": next_code(account)}, token=account.access_token)


@refusing("POST /totp/verify", errors.EnrolmentNotFoundError)
def verify_before_set_up(stack: Stack, _: Clock) -> Answer:
    return stack.call("POST /totp/verify", {"code": "123456"}, token=stack.sign_up().access_token)


@refusing("POST /totp/verify", errors.TotpClockError)
def slow_clock(stack: Stack, _: Clock) -> Answer:
    account = stack.begin_totp(stack.sign_up())
    return stack.call("POST /totp/verify", {"code": code_at(account, -120)}, token=account.access_token)


@refusing_both(errors.TotpNotEnabledError)
def prove_where_it_is_off(stack: Stack, route: str) -> Answer:
    return _prove(stack, route, stack.sign_up(), code="123456")


@refusing_both(errors.TotpUsedError)
def prove_with_used_code(stack: Stack, route: str) -> Answer:
    account = _protected(stack)
    return _prove(stack, route, account, code=code_at(account, 0))


@refusing_both(errors.TotpClockError)
def prove_with_clock_off(stack: Stack, route: str) -> Answer:
    account = _protected(stack)
    return _prove(stack, route, account, code=code_at(account, 300))


@refusing_both(errors.RecoveryCodeInvalidError)
def prove_with_wrong_recovery_code(stack: Stack, route: str) -> Answer:
    return _prove(stack, route, _protected(stack), recovery_code="0000")
