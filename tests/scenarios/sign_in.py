"""Somebody signs in: by password, then by a code where two-factor sign-in is on."""

from __future__ import annotations

from rekey import clock, ids
from rekey.accounts import addresses
from rekey.sessions import tokens
from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import PASSWORD, SECOND_PASSWORD, Stack

CALLS = "UpdateItem.accounts+GetItem.tokens GetItem.accounts TransactWriteItems"
KNOWN = "UpdateItem.tokens GetItem.accounts TransactWriteItems"


@scenario("POST /sign-in", calls=CALLS, answers="200", again="200", repeatable=True)
def sign_in(_: Stack) -> Request:
    return Request({"email": seeds.new_account()["email"], "password": PASSWORD})


@scenario("POST /sign-in", "rehashed", calls=CALLS, answers="200", again="200", repeatable=True)
def rehashed(_: Stack) -> Request:
    seeds.outdate(account := seeds.new_account())
    return Request({"email": account["email"], "password": PASSWORD})


@scenario("POST /sign-in", "challenged", calls=CALLS, answers="200", again="200", repeatable=True)
def challenged(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    return Request({"email": account["email"], "password": PASSWORD})


@scenario("POST /sign-in", "known device", calls=KNOWN, answers="200", again="200", repeatable=True)
def known_device(_: Stack) -> Request:
    token = seeds.issue_device(account := seeds.new_account())
    return Request({"email": account["email"], "password": PASSWORD, "device_token": str(token)})


@scenario("POST /sign-in", "challenged on a known device", calls=KNOWN, answers="200", again="200", repeatable=True)
def challenged_on_a_known_device(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    token = seeds.issue_device(account)
    return Request({"email": account["email"], "password": PASSWORD, "device_token": str(token)})


@scenario("POST /sign-in", "trusted device", calls=KNOWN, answers="200", again="200", repeatable=True)
def trusted_device(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    token = seeds.issue_device(account, trusted_until=clock.now() + 60, trust_epoch=account["token_epoch"])
    return Request({"email": account["email"], "password": PASSWORD, "device_token": str(token)})


@scenario(
    "POST /sign-in", "made-up device", calls=f"UpdateItem.tokens {CALLS}", answers="200", again="200", repeatable=True
)
def made_up_device(_: Stack) -> Request:
    """Of the right address, and with a right checksum: what has neither is no device's, and takes no call more."""
    email = seeds.new_account()["email"]
    token = tokens.issue_token(tokens.DEVICE, addresses.email_digest(email), ids.new_id())
    return Request({"email": email, "password": PASSWORD, "device_token": str(token)})


@scenario("POST /sign-in", "after a reset", calls=KNOWN, answers="200", again="200", repeatable=True)
def after_a_reset(stack: Stack) -> Request:
    link = seeds.issue_reset(account := seeds.new_account())
    assert stack.call("POST /reset", {"token": link, "new_password": SECOND_PASSWORD}).status == 204
    return Request({"email": account["email"], "password": SECOND_PASSWORD, "device_token": link})


@scenario(
    "POST /sign-in/totp",
    "code",
    calls="BatchGetItem UpdateItem.accounts Decrypt TransactWriteItems",
    answers="200",
    again="401 challenge_invalid",
)
def code(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    return Request({"challenge_token": seeds.issue_challenge(account), "code": seeds.code()})


@scenario(
    "POST /sign-in/totp",
    "recovery code",
    calls="BatchGetItem UpdateItem.accounts TransactWriteItems",
    answers="200",
    again="401 challenge_invalid",
)
def recovery_code(_: Stack) -> Request:
    codes = seeds.protect(account := seeds.new_account())
    return Request({"challenge_token": seeds.issue_challenge(account), "recovery_code": codes[0]})


@scenario(
    "POST /sign-in/totp",
    "code on a known device",
    calls="BatchGetItem UpdateItem.tokens Decrypt TransactWriteItems",
    answers="200",
    again="401 challenge_invalid",
)
def code_on_a_known_device(_: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    challenge = seeds.issue_challenge(account, seeds.issue_device(account))
    return Request({"challenge_token": challenge, "code": seeds.code(), "remember_device": True})


@scenario(
    "POST /sign-in/totp",
    "code after a reset",
    calls="BatchGetItem UpdateItem.tokens Decrypt TransactWriteItems",
    answers="200",
    again="401 challenge_invalid",
)
def code_after_a_reset(stack: Stack) -> Request:
    seeds.protect(account := seeds.new_account())
    link = seeds.issue_reset(account)
    assert stack.call("POST /reset", {"token": link, "new_password": SECOND_PASSWORD}).status == 204
    begun = {"email": account["email"], "password": SECOND_PASSWORD, "device_token": link}
    return Request(
        {"challenge_token": stack.call("POST /sign-in", begun).json["challenge_token"], "code": seeds.code()}
    )
