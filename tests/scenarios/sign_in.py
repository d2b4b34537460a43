"""Somebody signs in: by password, then by a code where two-factor sign-in is on."""

from __future__ import annotations

from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import PASSWORD, Stack

CALLS = "UpdateItem.accounts+UpdateItem.tokens GetItem.accounts TransactWriteItems"


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
