"""mailer: a letter becomes an email, waits where SES has no room, and is a dead letter only where it fails."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

import mailer
from rekey.aws import sdk
from rekey.mail import lanes
from rekey.sessions import links
from tests.actors import administer
from tests.calls import recording
from tests.stack import EMAIL, GAP, PASSWORD, Account, Clock, Stack, text_of


def refusing(code: str) -> Any:
    def send_email(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "x"}}, "SendEmail")

    return send_email


def queued(stack: Stack, name: str) -> int:
    """Letters in a queue, seen or not."""
    sqs: Any = boto3.client("sqs")
    counts = sqs.get_queue_attributes(QueueUrl=stack.template.physical[name], AttributeNames=["All"])["Attributes"]
    return sum(int(count) for name, count in counts.items() if name.startswith("ApproximateNumberOfMessages"))


@pytest.mark.parametrize("code", sorted(mailer._NO_ROOM))
def test_no_room(stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A letter comes again, ever later, and is no dead letter however often; when SES has room, its link works."""
    stack.deliver()
    stack.call("POST /forgot", {"email": account.email})
    with monkeypatch.context() as full:
        full.setattr(sdk.ses(), "send_email", refusing(code))
        stack.deliver()
        for _ in range(20):
            frozen.advance(lanes.LONGEST_DELAY)
            stack.send_mails()
    assert (queued(stack, "OwnersQueue"), queued(stack, "DeadLetters")) == (1, 0)
    frozen.advance(lanes.LONGEST_DELAY)

    body = {"token": stack.mailed_token(), "new_password": "Another-Horse-7"}
    assert stack.call("POST /reset", body).status == 204
    assert queued(stack, "OwnersQueue") == 0


def test_first_delay_of_an_owner_is_short(monkeypatch: pytest.MonkeyPatch, stack: Stack, account: Account) -> None:
    """Some seconds at first, with jitter; strangers wait longer, so that they leave room."""
    delays: dict[str, list[int]] = {}
    for lane in ("owners", "strangers"):
        sent: list[Any] = []
        monkeypatch.setattr(sdk.sqs(), "send_message", lambda sent=sent, **params: sent.append(params))
        for _ in range(50):
            lanes.put_back(lane, lanes.Letter(f"account#{account.account_id}", "event#1"))
        delays[lane] = [params["DelaySeconds"] for params in sent]

    assert 1 <= min(delays["owners"]) < max(delays["owners"]) <= 5
    assert 5 < max(delays["strangers"]) <= 30
    assert stack


def test_fault_is_a_dead_letter_after_some_receives(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SES refuses otherwise is tried five times, then kept; nobody else's letter waits for it."""
    stack.deliver()
    stack.call("POST /forgot", {"email": account.email})
    queue = stack.template.resources("AWS::SQS::Queue")["OwnersQueue"]
    tries: list[str] = []

    def rejected(**params: Any) -> None:
        tries.append(params["Destination"]["ToAddresses"][0])
        refusing("MessageRejected")()

    with monkeypatch.context() as broken:
        broken.setattr(sdk.ses(), "send_email", rejected)
        stack.deliver()
        for _ in range(10):
            frozen.advance(queue["VisibilityTimeout"] + 1)
            stack.send_mails()
    before = len(stack.inbox)
    assert administer(stack, "force-sign-in", {"account_id": account.account_id}).status == 204
    stack.deliver()

    assert tries == [account.email] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert (queued(stack, "OwnersQueue"), queued(stack, "DeadLetters")) == (0, 1)
    assert len(stack.inbox) == before + 1


def test_what_is_no_letter(stack: Stack) -> None:
    """It fails, as anything that cannot be understood; another of the same batch is not held up."""
    stack.call("POST /sign-up", {"email": EMAIL})
    stack.invoke("notify", {"Records": stack.stream()})
    queue = stack.template.physical["StrangersQueue"]
    (letter,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    records = [{"messageId": "1", "body": "{}"}, {"messageId": "2", "body": letter["Body"]}]

    assert stack.invoke("mailer", {"Records": records}) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert [mail["To"] for mail in stack.inbox] == [EMAIL]


def reset_links(stack: Stack) -> list[str]:
    texts = [text_of(mail) for mail in stack.inbox]
    return [text.partition("#token=")[2].split()[0] for text in texts if "/reset#token=" in text]


def test_who_asks_waits_for_no_email_that_was_put_off(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SES had no room for the link that a stranger asked for: the owner's own is sent at once, and that one no more."""
    stack.deliver()
    with monkeypatch.context() as full:
        full.setattr(sdk.ses(), "send_email", refusing("TooManyRequestsException"))
        stack.call("POST /forgot", {"email": account.email}, ip="198.51.100.7")
        stack.deliver()
    stack.call("POST /forgot", {"email": account.email})
    stack.deliver()
    assert len(reset_links(stack)) == 1
    frozen.advance(lanes.LONGEST_DELAY)
    stack.send_mails()

    assert len(reset_links(stack)) == 1
    assert queued(stack, "OwnersQueue") == 0


def test_a_link_outlives_the_fourteen_after_it(stack: Stack, account: Account, frozen: Clock) -> None:
    """Strangers who have a new link sent every minute leave each link to its owner for a quarter of an hour."""
    for number in range(links.KEPT + 1):
        stack.call("POST /forgot", {"email": account.email}, ip=f"198.51.100.{number}")
        stack.deliver()
        frozen.advance(GAP)
    sent = reset_links(stack)
    assert len(sent) == links.KEPT + 1

    body = {"new_password": "Another-Horse-7"}
    assert stack.call("POST /reset", {"token": sent[0], **body}).code == "token_invalid"
    assert stack.call("POST /reset", {"token": sent[1], **body}).status == 204


def test_event_that_is_gone(stack: Stack, account: Account) -> None:
    """A letter that outlives its event, deleted with the account, is dropped: one read, and nobody is mailed."""
    stack.deliver()
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)
    stack.invoke("notify", {"Records": stack.stream()})
    assert administer(stack, "delete", {"account_id": account.account_id}).status == 200
    before = len(stack.inbox)

    with recording() as calls:
        stack.send_mails()

    assert [call.operation for call in calls] == ["GetItem"]
    assert len(stack.inbox) == before


def test_letter_that_came_twice(stack: Stack) -> None:
    """SQS may hand a letter over twice: two emails with one Message-ID, and the link in the last one works."""
    stack.call("POST /sign-up", {"email": EMAIL})
    event = stack.stream()[0]["dynamodb"]["NewImage"]
    body = json.dumps({"pk": event["pk"]["S"], "sk": event["sk"]["S"]})
    for number in range(2):
        stack.invoke("mailer", {"Records": [{"messageId": str(number), "body": body}]})

    first, second = stack.inbox
    assert first["Message-ID"] == second["Message-ID"]
    assert stack.call("POST /sign-up/complete", {"token": stack.mailed_token(), "password": PASSWORD}).status == 201
