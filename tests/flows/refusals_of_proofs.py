"""Refusals: codes that prove nothing, a state that has changed meanwhile, and accounts in another state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rekey.api import errors
from tests import seeds
from tests.calls import meanwhile
from tests.flows.refusals import refusing
from tests.scenarios import applications
from tests.stack import SECOND_PASSWORD, Account, Answer, Clock, Stack, code_at, deployed_with, next_code

Proving = Callable[[Stack, str], Answer]


def _protected(stack: Stack) -> Account:
    return stack.enable_totp(stack.sign_up())


def _change(stack: Stack, account: Account, current: str, new: str) -> Answer:
    return stack.call("POST /change", {"current_password": current, "new_password": new}, token=account.access_token)


PROVEN = ("POST /totp/recovery-codes", "POST /totp/disable")


def refusing_each(error: type[errors.RekeyError]) -> Callable[[Proving], Proving]:
    """Of the two flows that change a second factor."""

    def register(proving: Proving) -> Proving:
        for route in PROVEN:
            refusing(route, error)(partial(_at, route, proving))
        return proving

    return register


def _at(route: str, proving: Proving, stack: Stack, _: Clock) -> Answer:
    return proving(stack, route)


def _second_step(stack: Stack, account: Account, **fields: str) -> Answer:
    return stack.call("POST /sign-in/totp", {"challenge_token": stack.challenge(account), **fields})


@refusing("POST /sign-in/totp", errors.TotpUsedError)
def enrolment_code_again(stack: Stack, _: Clock) -> Answer:
    account = _protected(stack)
    return _second_step(stack, account, code=code_at(account, 0))


@refusing("POST /sign-in/totp", errors.TotpClockError)
def two_codes_of_a_fast_clock(stack: Stack, frozen: Clock) -> Answer:
    account = _protected(stack)
    challenge = {"challenge_token": stack.challenge(account)}
    stack.call("POST /sign-in/totp", {**challenge, "code": code_at(account, 120)})
    frozen.advance(30)
    return stack.call("POST /sign-in/totp", {**challenge, "code": code_at(account, 120)})


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
    frozen.advance(int(stack.template.parameters["ProofLife"]))
    return stack.call("POST /totp/setup", token=account.access_token)


@refusing("POST /totp/setup", errors.TotpAlreadyEnabledError)
def set_up_again(stack: Stack, _: Clock) -> Answer:
    return stack.call("POST /totp/setup", token=_protected(stack).access_token)


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


@refusing_each(errors.TotpNotEnabledError)
def where_it_is_off(stack: Stack, route: str) -> Answer:
    return stack.call(route, token=stack.sign_up().access_token)


@refusing_each(errors.ReauthenticationRequiredError)
def by_the_password_alone(stack: Stack, route: str) -> Answer:
    seeds.protect(account := seeds.new_account())
    return stack.call(route, token=seeds.issue_access(account))


@refusing_each(errors.ConflictError)
def revoked_before_the_write(stack: Stack, route: str) -> Answer:
    account = _protected(stack)
    with meanwhile(
        "TransactWriteItems", lambda: stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)
    ):
        return stack.call(route, token=account.access_token)


@refusing("POST /totp/disable", errors.TotpRequiredError)
def turn_off_what_is_required(stack: Stack, _: Clock) -> Answer:
    account = _protected(stack)
    with deployed_with(REQUIRE_TOTP="all"):
        return stack.call("POST /totp/disable", token=account.access_token)


@refusing("POST /reauthenticate", errors.TotpInvalidError)
def prove_by_a_wrong_code(stack: Stack, _: Clock) -> Answer:
    return stack.reauthenticate(_protected(stack), code="000000")


@refusing("POST /reauthenticate", errors.TotpUsedError)
def prove_by_a_used_code(stack: Stack, _: Clock) -> Answer:
    account = _protected(stack)
    return stack.reauthenticate(account, code=code_at(account, 0))


@refusing("POST /reauthenticate", errors.RecoveryCodeInvalidError)
def prove_by_a_wrong_recovery_code(stack: Stack, _: Clock) -> Answer:
    return stack.reauthenticate(_protected(stack), recovery_code="0000")


def _without_a_factor(route: str, stack: Stack, _: Clock) -> Answer:
    """An application asks who signed in, and it is somebody who may sign in to none yet."""
    right = applications.userinfo.prepare(stack)
    with deployed_with(REQUIRE_TOTP="all"):
        return right.send(stack, route)


for each in ("GET /oauth/userinfo", "POST /oauth/userinfo"):
    refusing(each, errors.TotpRequiredError)(partial(_without_a_factor, each))
