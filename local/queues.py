"""SQS → function, as Lambda's event source mapping does it: batches, visibility time-outs, receive counts, redrive."""

from __future__ import annotations

import json
import threading
from typing import Any

import boto3

from local.lambdas import Invoke
from local.template import REGION, Template
from rekey import observability

POLL = 0.2  # seconds: an email is there as soon as one looks
MOST_RECEIVED = 10  # messages of one ReceiveMessage
_KEPT = ("VisibilityTimeout", "MessageRetentionPeriod")


def create_queues(template: Template) -> None:
    """Make what the template declares; those that dead letters go to are there before the others name them."""
    sqs = boto3.client("sqs")
    queues = template.resources("AWS::SQS::Queue")
    for name in sorted(queues, key=lambda each: "RedrivePolicy" in queues[each]):
        attributes: Any = {key: str(queues[name][key]) for key in _KEPT if key in queues[name]}
        if "RedrivePolicy" in queues[name]:
            policy = template.resolve(queues[name]["RedrivePolicy"])
            target = template.physical[policy["deadLetterTargetArn"].removeprefix("arn:")]
            attributes["RedrivePolicy"] = json.dumps({**policy, "deadLetterTargetArn": arn(target)})
        template.physical[name] = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def arn(url: str) -> str:
    answer = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


class QueueMapping:
    """One event source of the template."""

    def __init__(self, function: str, source: dict[str, Any], template: Template, invoke: Invoke) -> None:
        self._function = function
        self._invoke = invoke
        self._batch = source.get("BatchSize", 10)
        self._partial = "ReportBatchItemFailures" in source.get("FunctionResponseTypes", [])
        self.url = template.physical[source["Queue"].removeprefix("arn:")]
        self._sqs = boto3.client("sqs")  # to make one takes longer than to look into a queue

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            if not self.deliver():
                stopping.wait(POLL)

    def deliver(self) -> int:
        """Hand over one batch of what is visible: how many messages it had.

        What succeeded is deleted. What failed is left, and is seen again after the visibility time-out; the queue
        itself moves to the dead letters what was received too often.
        """
        received: list[Any] = []
        while len(received) < self._batch:
            asked = min(MOST_RECEIVED, self._batch - len(received))
            found = self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=asked, AttributeNames=["All"])
            if not found.get("Messages"):
                break
            received += found["Messages"]
        failed = self._failed(received) if received else set()
        for message in received:
            if message["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return len(received)

    def _failed(self, received: list[Any]) -> set[str]:
        """Those of a batch that the function named; all of it, where it raised, or named one that it was not given."""
        everything = {message["MessageId"] for message in received}
        try:
            answer = self._invoke(self._function, {"Records": [self._record(message) for message in received]})
        except Exception as fault:  # noqa: BLE001 - Lambda leaves the batch in the queue, whatever it was
            observability.log_fault(fault, function=self._function)
            return everything
        if not self._partial:
            return set()
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
        return failed if not failed - everything else everything

    def _record(self, message: Any) -> dict[str, Any]:
        """As Lambda hands it over."""
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{'/'.join(self.url.split('/')[-2:]).replace('/', ':')}",
            "awsRegion": REGION,
        }
