"""Two-factor sign-in is set up, its recovery codes are replaced, and it is turned off."""

from __future__ import annotations

from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import PASSWORD, Stack


@scenario("POST /reauthenticate", calls="BatchGetItem UpdateItem.tokens TransactWriteItems", answers="204", again="204")
def reauthenticate(_: Stack) -> Request:
    return Request({"password": PASSWORD}, token=seeds.issue_access(seeds.new_account()))


@scenario(
    "POST /reauthenticate",
    "code",
    calls="BatchGetItem UpdateItem.tokens Decrypt TransactWriteItems",
    answers="204",
    again="401 totp_used",
)
def reauthenticate_by_code(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    return Request({"password": PASSWORD, "code": seeds.code()}, token=seeds.issue_access(account))


@scenario(
    "POST /reauthenticate",
    "recovery code",
    calls="BatchGetItem UpdateItem.tokens TransactWriteItems",
    answers="204",
    again="401 recovery_code_invalid",
)
def reauthenticate_by_recovery_code(_: Stack) -> Request:
    codes = seeds.protect(account := seeds.new_account())
    return Request({"password": PASSWORD, "recovery_code": codes[0]}, token=seeds.issue_access(account))


@scenario("POST /totp/setup", calls="BatchGetItem Encrypt PutItem.tokens", answers="200", again="200")
def set_up(_: Stack) -> Request:
    return Request(token=seeds.issue_access(seeds.new_account()))


@scenario(
    "POST /totp/verify",
    calls="BatchGetItem UpdateItem.tokens Decrypt TransactWriteItems",
    answers="200",
    again="409 totp_already_enabled",
)
def verify(_: Stack) -> Request:
    seeds.begin_enrolment(account := seeds.new_account())
    return Request({"code": seeds.code()}, token=seeds.issue_access(account))


@scenario(
    "POST /totp/recovery-codes", calls="BatchGetItem TransactWriteItems", answers="200", again="200", repeatable=True
)
def replace_codes(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    return Request(token=seeds.issue_access(account, "pwd otp"))


@scenario("POST /totp/disable", calls="BatchGetItem TransactWriteItems", answers="204", again="409 totp_not_enabled")
def disable(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    return Request(token=seeds.issue_access(account, "pwd otp"))
