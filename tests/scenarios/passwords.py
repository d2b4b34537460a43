"""A password is changed, or forgotten and reset."""

from __future__ import annotations

from rekey import ids
from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import PASSWORD, SECOND_PASSWORD, Stack


@scenario(
    "POST /change",
    calls="BatchGetItem UpdateItem.tokens TransactWriteItems",
    answers="204",
    again="401 invalid_credentials",
)
def change(_: Stack) -> Request:
    body = {"current_password": PASSWORD, "new_password": SECOND_PASSWORD}
    return Request(body, token=seeds.issue_access(seeds.new_account()))


@scenario("POST /forgot", calls="TransactWriteItems", answers="202", again="202")
def forgot(_: Stack) -> Request:
    return Request({"email": seeds.new_account()["email"]})


@scenario("POST /forgot", "unknown address", calls="TransactWriteItems", answers="202", again="202")
def unknown_address(_: Stack) -> Request:
    return Request({"email": f"{ids.new_id()}@example.com"})


@scenario("POST /reset", calls="BatchGetItem TransactWriteItems", answers="204", again="400 token_invalid")
def reset(_: Stack) -> Request:
    return Request({"token": seeds.issue_reset(seeds.new_account()), "new_password": SECOND_PASSWORD})
