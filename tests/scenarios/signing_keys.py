"""What an operator does with the keys that sign for applications."""

from __future__ import annotations

from typing import Any

import boto3

from rekey.accounts import keys
from rekey.aws import store
from rekey.oauth import made_keys
from rekey.settings import settings
from tests.actors import ADMIN
from tests.scenarios.scenario import Request, scenario
from tests.stack import Answer, Stack

ROTATE = {"reason": "Ticket 4711", "confirm": True}


def begin_anew() -> None:
    """As in a stack whose keys were never turned: there is one row, and scenarios share it."""
    store.transact(store.deleting(settings().accounts_table, keys.signing_keys()))
    boto3.client("kms").enable_key(KeyId=settings().signing_key)
    for kid in made_keys.find_spare([]):
        made_keys.end(kid)


def rotate(stack: Stack, **fields: Any) -> Answer:
    return stack.call("POST /admin/signing-keys/rotate", {**ROTATE, **fields}, caller=ADMIN)


@scenario("POST /admin/signing-keys/list", calls="GetItem.accounts GetResources", answers="200", again="200")
def listing(_: Stack) -> Request:
    return Request(caller=ADMIN)


@scenario(
    "POST /admin/signing-keys/rotate",
    calls="GetItem.accounts GetResources CreateKey GetPublicKey TransactWriteItems",
    answers="200",
    again="409 signing_keys_turning",
)
def rotating(_: Stack) -> Request:
    begin_anew()
    return Request(ROTATE, caller=ADMIN)


@scenario(
    "POST /admin/signing-keys/rotate",
    "leaked",
    calls="GetItem.accounts GetResources CreateKey GetPublicKey TransactWriteItems DisableKey",
    answers="200",
    again="200",
)
def ending(_: Stack) -> Request:
    begin_anew()
    return Request({**ROTATE, "leaked": settings().signing_key}, caller=ADMIN)


@scenario(
    "POST /admin/signing-keys/rotate",
    "broken off",
    calls="GetItem.accounts GetResources DescribeKey GetPublicKey TransactWriteItems",
    answers="200",
    again="409 signing_keys_turning",
)
def going_on(_: Stack) -> Request:
    begin_anew()
    made_keys.make()
    return Request(ROTATE, caller=ADMIN)


@scenario(
    "POST /admin/signing-keys/rotate",
    "made and leaked",
    calls="GetItem.accounts TransactWriteItems ScheduleKeyDeletion",
    answers="200",
    again="200",
)
def ending_the_next(stack: Stack) -> Request:
    begin_anew()
    made = rotate(stack).json["signing_keys"][-1]["kid"]
    return Request({**ROTATE, "leaked": made}, caller=ADMIN)
