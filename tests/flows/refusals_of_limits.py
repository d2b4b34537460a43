"""Scenarios of refusals: allowances that are used up."""

from __future__ import annotations

from collections.abc import Callable

from rekey.api import errors
from tests.flows.refusals import refusing
from tests.stack import Answer, Clock, Stack, next_code, wrong_code


def _used_up(stack: Stack, attempt: Callable[[], Answer]) -> None:
    for _ in range(int(stack.template.parameters["AttemptLimit"])):
        assert attempt().status == 401


@refusing("POST /sign-in", errors.TooManyRequestsError)
def right_password_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    _used_up(stack, lambda: stack.call("POST /sign-in", {"email": account.email, "password": "wrong"}))
    return stack.sign_in(account)


@refusing("POST /email/verify", errors.TooManyRequestsError)
def mails_at_once(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    assert stack.call("POST /email/verify", {}, token=account.access_token).status == 202
    return stack.call("POST /email/verify", {}, token=account.access_token)


@refusing("POST /sign-in/totp", errors.TooManyRequestsError)
def right_code_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.enable_totp(stack.sign_up())
    challenge = {"challenge_token": stack.challenge(account)}
    _used_up(stack, lambda: stack.call("POST /sign-in/totp", {**challenge, "code": wrong_code(account)}))
    return stack.call("POST /sign-in/totp", {**challenge, "code": next_code(account)})


@refusing("POST /change", errors.TooManyRequestsError)
def change_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    body = {"current_password": "wrong", "new_password": "Another-Horse-7"}
    _used_up(stack, lambda: stack.call("POST /change", body, token=account.access_token))
    return stack.call("POST /change", {**body, "current_password": account.password}, token=account.access_token)


@refusing("POST /totp/setup", errors.TooManyRequestsError)
def set_up_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    _used_up(stack, lambda: stack.call("POST /totp/setup", {"password": "wrong"}, token=account.access_token))
    return stack.call("POST /totp/setup", {"password": account.password}, token=account.access_token)


@refusing("POST /totp/verify", errors.TooManyRequestsError)
def verify_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.begin_totp(stack.sign_up())
    _used_up(stack, lambda: stack.call("POST /totp/verify", {"code": wrong_code(account)}, token=account.access_token))
    return stack.call("POST /totp/verify", {"code": next_code(account)}, token=account.access_token)


@refusing("POST /totp/recovery-codes", errors.TooManyRequestsError)
def replace_codes_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.enable_totp(stack.sign_up())
    body = {"password": account.password, "code": wrong_code(account)}
    route = "POST /totp/recovery-codes"
    _used_up(stack, lambda: stack.call(route, body, token=account.access_token))
    return stack.call(route, {**body, "code": next_code(account)}, token=account.access_token)


@refusing("POST /totp/disable", errors.TooManyRequestsError)
def disable_at_the_limit(stack: Stack, _: Clock) -> Answer:
    account = stack.enable_totp(stack.sign_up())
    body = {"password": account.password, "code": wrong_code(account)}
    _used_up(stack, lambda: stack.call("POST /totp/disable", body, token=account.access_token))
    return stack.call("POST /totp/disable", {**body, "code": next_code(account)}, token=account.access_token)
