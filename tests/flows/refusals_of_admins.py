"""Refusals: what an admin asks for that is not there, not so, or not theirs to ask."""

from __future__ import annotations

from collections.abc import Callable

from rekey.api import errors
from tests.actors import administer, stop_mails
from tests.calls import meanwhile
from tests.flows.refusals import Provoking, refusing
from tests.stack import Account, Answer, Clock, Stack


def _whom(account: Account) -> dict[str, str]:
    return {"account_id": account.account_id}


def _deleted_meanwhile(act: str, prepare: Callable[[Stack, Account], object]) -> Provoking:
    def provoking(stack: Stack, _: Clock) -> Answer:
        account = stack.sign_up()
        prepare(stack, account)
        with meanwhile("TransactWriteItems", lambda: administer(stack, "delete", _whom(account))):
            return administer(stack, act, _whom(account))

    return provoking


def _disable(stack: Stack, account: Account) -> Answer:
    return administer(stack, "disable", _whom(account))


PREPARED: dict[str, Callable[[Stack, Account], object]] = {
    "mail-again": lambda stack, account: stop_mails(stack, account.email),
    "force-sign-in": lambda *_: None,
    "clear-totp": lambda stack, account: stack.enable_totp(account),
    "unlock": lambda *_: None,
    "disable": lambda *_: None,
    "enable": _disable,
    "delete": lambda *_: None,
}

for name, prepare in PREPARED.items():
    refusing(f"POST /admin/{name}", errors.ConflictError)(_deleted_meanwhile(name, prepare))


@refusing("POST /admin/reset-password", errors.AccountDisabledError)
def reset_of_a_disabled_account(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    _disable(stack, account)
    return administer(stack, "reset-password", _whom(account))


@refusing("POST /admin/reset-password", errors.TooManyRequestsError)
def reset_again_at_once(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    assert administer(stack, "reset-password", _whom(account)).status == 202
    return administer(stack, "reset-password", _whom(account))


@refusing("POST /admin/reset-password", errors.MailStoppedError)
def reset_where_mails_are_stopped(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    stop_mails(stack, account.email)
    return administer(stack, "reset-password", _whom(account))


@refusing("POST /admin/mail-again", errors.MailNotStoppedError)
def mail_again_where_mails_arrive(stack: Stack, _: Clock) -> Answer:
    return administer(stack, "mail-again", _whom(stack.sign_up()))


@refusing("POST /admin/clear-totp", errors.TotpNotEnabledError)
def clear_what_is_off(stack: Stack, _: Clock) -> Answer:
    return administer(stack, "clear-totp", _whom(stack.sign_up()))


@refusing("POST /admin/disable", errors.AccountDisabledError)
def disable_twice(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    _disable(stack, account)
    return _disable(stack, account)


@refusing("POST /admin/enable", errors.AccountNotDisabledError)
def enable_what_is_enabled(stack: Stack, _: Clock) -> Answer:
    return administer(stack, "enable", _whom(stack.sign_up()))


@refusing("POST /sign-in", errors.AccountDisabledError)
def right_password_of_a_disabled_account(stack: Stack, _: Clock) -> Answer:
    account = stack.sign_up()
    _disable(stack, account)
    return stack.sign_in(account)
