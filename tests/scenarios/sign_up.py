"""An account is made, its address proven, and looked at."""

from __future__ import annotations

from rekey import ids
from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import PASSWORD, Stack


@scenario("POST /sign-up", calls="TransactWriteItems", answers="202", again="202")
def sign_up(_: Stack) -> Request:
    return Request({"email": f"{ids.new_id()}@example.com"})


@scenario("POST /sign-up", "known address", calls="TransactWriteItems", answers="202", again="202")
def known_address(_: Stack) -> Request:
    return Request({"email": seeds.new_account()["email"]})


@scenario("POST /sign-up/complete", calls="GetItem.tokens TransactWriteItems", answers="201", again="400 token_invalid")
def complete(_: Stack) -> Request:
    token = seeds.issue_sign_up(f"{ids.new_id()}@example.com")
    return Request({"token": token, "password": PASSWORD})


@scenario("POST /email/verify", calls="BatchGetItem TransactWriteItems", answers="202", again="429 too_many_requests")
def verify_email(_: Stack) -> Request:
    return Request({}, token=seeds.issue_access(seeds.new_account()))


@scenario(
    "POST /email/verify/complete", calls="GetItem.tokens TransactWriteItems", answers="204", again="400 token_invalid"
)
def email_verified(_: Stack) -> Request:
    return Request({"token": seeds.issue_email_verification(seeds.new_account())})


@scenario(
    "GET /account",
    calls="BatchGetItem Query.tokens+Query.tokens#2+GetItem.accounts+Query.events+Query.events#2",
    answers="200",
    again="200",
)
def account(_: Stack) -> Request:
    return Request(token=seeds.issue_access(seeds.new_account()))
