"""What an admin does, by the account's id; by its address it takes one call more."""

from __future__ import annotations

from rekey.aws.store import Row
from rekey.limits import known_devices
from tests import seeds
from tests.actors import ADMIN, administer, administering, stop_mails
from tests.scenarios.scenario import Request, scenario
from tests.stack import Stack

CHANGED = "GetItem.accounts TransactWriteItems"
LOOKED_AND_CHANGED = "GetItem.accounts GetItem.accounts#2 TransactWriteItems"


@scenario(
    "POST /admin/find",
    calls="GetItem.accounts Query.tokens+GetItem.accounts#2+Query.tokens#2+Query.events+Query.events#2",
    answers="200",
    again="200",
)
def find(_: Stack) -> Request:
    return _asking("find", seeds.new_account())


@scenario("POST /admin/reset-password", calls=LOOKED_AND_CHANGED, answers="202", again="429 too_many_requests")
def reset_password(_: Stack) -> Request:
    return _asking("reset-password", seeds.new_account())


@scenario("POST /admin/mail-again", calls=LOOKED_AND_CHANGED, answers="204", again="409 mail_not_stopped")
def mail_again(stack: Stack) -> Request:
    account = seeds.new_account()
    stop_mails(stack, account["email"])
    return _asking("mail-again", account)


@scenario("POST /admin/force-sign-in", calls=CHANGED, answers="204", again="204", repeatable=True)
def force_sign_in(_: Stack) -> Request:
    return _asking("force-sign-in", seeds.new_account())


@scenario("POST /admin/clear-totp", calls=CHANGED, answers="204", again="409 totp_not_enabled")
def clear_totp(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    return _asking("clear-totp", account)


@scenario(
    "POST /admin/unlock",
    calls="GetItem.accounts GetItem.accounts#2 Query.tokens TransactWriteItems",
    answers="204",
    again="204",
    repeatable=True,
)
def unlock(_: Stack) -> Request:
    return _asking("unlock", seeds.new_account())


@scenario(
    "POST /admin/unlock",
    "a device",
    calls="GetItem.accounts GetItem.accounts#2 Query.tokens TransactWriteItems",
    answers="204",
    again="204",
    repeatable=True,
)
def unlock_a_device(_: Stack) -> Request:
    device = seeds.issue_device(account := seeds.new_account())
    known_devices.take_for_password(device.owner, device)
    return _asking("unlock", account)


@scenario("POST /admin/disable", calls=CHANGED, answers="204", again="403 account_disabled")
def disable(_: Stack) -> Request:
    return _asking("disable", seeds.new_account())


@scenario("POST /admin/enable", calls=CHANGED, answers="204", again="409 account_not_disabled")
def enable(stack: Stack) -> Request:
    account = seeds.new_account()
    administer(stack, "disable", {"account_id": account["account_id"]})
    return _asking("enable", account)


@scenario(
    "POST /admin/delete",
    calls="GetItem.accounts TransactWriteItems Query.tokens Query.tokens#2 Query.accounts Query.events Query.events#2",
    answers="200",
    again="200",
)
def delete(_: Stack) -> Request:
    return _asking("delete", seeds.new_account())


def _asking(act: str, account: Row) -> Request:
    return Request(administering(act, {"account_id": account["account_id"]}), caller=ADMIN)
