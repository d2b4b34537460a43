"""Two-factor sign-in is set up, its recovery codes are replaced, and it is turned off."""

from __future__ import annotations

from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import PASSWORD, Stack

WITH_CODE = "BatchGetItem UpdateItem.accounts Decrypt TransactWriteItems"
WITH_RECOVERY_CODE = "BatchGetItem UpdateItem.accounts TransactWriteItems"


@scenario("POST /totp/setup", calls="BatchGetItem Encrypt PutItem.tokens", answers="200", again="200")
def set_up(_: Stack) -> Request:
    return Request({}, token=seeds.issue_access(seeds.new_account()))


@scenario(
    "POST /totp/setup",
    "password",
    calls="BatchGetItem UpdateItem.accounts Encrypt PutItem.tokens",
    answers="200",
    again="200",
)
def set_up_with_password(_: Stack) -> Request:
    return Request({"password": PASSWORD}, token=seeds.issue_access(seeds.new_account()))


@scenario("POST /totp/verify", calls=WITH_CODE, answers="200", again="409 totp_already_enabled")
def verify(_: Stack) -> Request:
    seeds.begin_enrolment(account := seeds.new_account())
    return Request({"code": seeds.code()}, token=seeds.issue_access(account))


@scenario("POST /totp/recovery-codes", calls=WITH_CODE, answers="200", again="401 totp_used")
def replace_codes(_: Stack) -> Request:
    return _proven_by_code()


@scenario(
    "POST /totp/recovery-codes",
    "recovery code",
    calls=WITH_RECOVERY_CODE,
    answers="200",
    again="401 recovery_code_invalid",
)
def replace_codes_by_one(_: Stack) -> Request:
    return _proven_by_recovery_code()


@scenario("POST /totp/disable", calls=WITH_CODE, answers="204", again="409 totp_not_enabled")
def disable(_: Stack) -> Request:
    return _proven_by_code()


@scenario("POST /totp/disable", "recovery code", calls=WITH_RECOVERY_CODE, answers="204", again="409 totp_not_enabled")
def disable_by_recovery_code(_: Stack) -> Request:
    return _proven_by_recovery_code()


def _proven_by_code() -> Request:
    seeds.protect(account := seeds.new_account())
    return Request({"password": PASSWORD, "code": seeds.code()}, token=seeds.issue_access(account))


def _proven_by_recovery_code() -> Request:
    codes = seeds.protect(account := seeds.new_account())
    return Request({"password": PASSWORD, "recovery_code": codes[0]}, token=seeds.issue_access(account))
