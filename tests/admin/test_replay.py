"""Dead letters are handed on again, and none is lost on the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from rekey.aws import sdk
from rekey_admin import dead_letters
from rekey_admin.target import Target
from tests.admin.conftest import Admin
from tests.stack import Clock, Stack

NOTICE = {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:MailEvents", "Message": "{}"}


@pytest.fixture
def queue(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> str:
    """The queue on moto, which the command reaches as it would reach AWS."""
    url = stack.template.physical["DeadLetters"]
    monkeypatch.setattr(Target, "client", lambda _, service: boto3.client(service))
    monkeypatch.setattr(Target, "dynamodb", lambda _: boto3.client("dynamodb"))
    return url


def put_letter(queue: str, body: dict[str, Any]) -> None:
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(body))


def letter_of(second: int) -> dict[str, Any]:
    """As Lambda writes it, for a batch of one that arrived in that second."""
    at = datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")
    batch = {
        "approximateArrivalOfFirstRecord": at,
        "approximateArrivalOfLastRecord": at,
        "shardId": "s",
        "batchSize": 1,
    }
    return {"version": "1.0", "DDBStreamBatchInfo": batch}


def letters_left(queue: str) -> int:
    counts = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])


def test_events_are_delivered_again(stack: Stack, frozen: Clock, queue: str, admin: Admin) -> None:
    """A mail that could not be sent is sent after the replay, with a link that works; other events rest."""
    account = stack.sign_up()
    frozen.advance(3600)
    stack.call("POST /forgot", {"email": account.email})
    stack.stream()  # Lambda tried, and gave up
    put_letter(queue, letter_of(frozen.now))
    frozen.advance(86400 * 3)
    before = len(stack.inbox)

    done = admin("--local", "replay", "--yes", "--json")

    assert (done.status, done.json) == (0, {"letters": 1, "events": 1, "feedback": 0, "left": 0}), done.err
    token = stack.mailed_token(account.email)
    assert len(stack.inbox) == before + 1
    assert stack.call("POST /reset", {"token": token, "new_password": "Another-Horse-7"}).status == 204
    assert letters_left(queue) == 0


def test_a_letter_of_a_lane(stack: Stack, frozen: Clock, queue: str, admin: Admin) -> None:
    """It names its event, which alone goes out again."""
    account = stack.sign_up()
    stack.call("POST /forgot", {"email": account.email})
    stack.call("POST /sign-up", {"email": "carol@example.com"})
    *_, asked, _ = (record["dynamodb"]["NewImage"] for record in stack.stream())
    put_letter(queue, {"pk": asked["pk"]["S"], "sk": asked["sk"]["S"], "counted": True})
    frozen.advance(86400 * 3)
    before = len(stack.inbox)

    done = admin("--local", "replay", "--yes", "--json")

    assert (done.status, done.json) == (0, {"letters": 1, "events": 1, "feedback": 0, "left": 0}), done.err
    token = stack.mailed_token(account.email)
    assert len(stack.inbox) == before + 1
    assert stack.call("POST /reset", {"token": token, "new_password": "Another-Horse-7"}).status == 204


def test_cut_short_loses_nothing(stack: Stack, frozen: Clock, queue: str, admin: Admin) -> None:
    """While the table cannot be written, the letter stays."""
    stack.call("POST /sign-up", {"email": "carol@example.com"})
    put_letter(queue, letter_of(frozen.now))
    sdk.dynamodb().delete_table(TableName="EventsTable")

    assert admin("--local", "replay", "--yes").status == 1
    assert letters_left(queue) == 1


def test_asks_first(queue: str, frozen: Clock, admin: Admin) -> None:
    """Without a yes nothing is handed on, and the letter stays."""
    put_letter(queue, letter_of(frozen.now))

    assert admin("--local", "replay").status == 2
    assert letters_left(queue) == 1


def test_unknown_letters_stay(queue: str, admin: Admin) -> None:
    """What is no letter of ours is counted and left; an empty queue is no error."""
    assert admin("--local", "replay", "--json").json["letters"] == 0
    put_letter(queue, {"hello": "world"})

    assert admin("--local", "replay", "--yes", "--json").json == {"letters": 1, "events": 0, "feedback": 0, "left": 1}
    assert letters_left(queue) == 1


@pytest.mark.parametrize("body", [NOTICE, {"requestPayload": {"Records": [{"Sns": NOTICE}]}}])
def test_what_ses_told(body: dict[str, Any]) -> None:
    """A notice is found in both of its forms: as SNS gave it up, and as the function did."""
    assert dead_letters.notices_of(body) == [NOTICE]
    assert dead_letters.window_of(body) is None
