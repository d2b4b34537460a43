"""DynamoDB stream → function, as Lambda's event source mapping does it: filter, batches, retries, dead-letter queue."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime
from typing import Any

import boto3

from local.lambdas import Invoke
from local.patterns import matches
from local.template import REGION, Template
from rekey import observability

Record = dict[str, Any]
POLL = 0.2  # seconds: a mail is there as soon as one looks
PAUSE = 0.2  # seconds between two tries; Lambda's grow, which nobody here wants to wait for


class Shards:
    """A table's stream, read on from the sequence number each shard was last read at: an iterator would expire."""

    def __init__(self, table: str) -> None:
        self._streams: Any = boto3.client("dynamodbstreams")
        self.arn = self._streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
        self._read: dict[str, str] = {}
        self._closed: set[str] = set()

    def read(self) -> list[Record]:
        """What is new, in order, as JSON would carry it."""
        found = []
        for shard in self._streams.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]:
            if shard["ShardId"] not in self._closed:
                found += self._read_shard(shard["ShardId"])
        return found

    def _read_shard(self, shard: str) -> list[Record]:
        position: Any = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard in self._read:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._read[shard]}
        iterator: str | None = self._streams.get_shard_iterator(StreamArn=self.arn, ShardId=shard, **position)[
            "ShardIterator"
        ]
        found: list[Record] = []
        while iterator:
            page = self._streams.get_records(ShardIterator=iterator)
            iterator = page.get("NextShardIterator")
            if not page["Records"]:
                break
            found += [json.loads(json.dumps(record, default=_as_json)) for record in page["Records"]]
            self._read[shard] = page["Records"][-1]["dynamodb"]["SequenceNumber"]
        if not iterator:
            self._closed.add(shard)
        return found


def _as_json(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else base64.b64encode(value).decode()


class StreamMapping:
    """One event source of the template."""

    def __init__(self, function: str, source: dict[str, Any], template: Template, invoke: Invoke) -> None:
        self._function = function
        self._invoke = invoke
        self._patterns = [json.loads(each["Pattern"]) for each in source.get("FilterCriteria", {}).get("Filters", [])]
        self._batch = source.get("BatchSize", 100)
        self._tries = 1 + source["MaximumRetryAttempts"]
        self._bisects = source.get("BisectBatchOnFunctionError", False)
        table = source["Stream"].removeprefix("arn:")
        queue = source["DestinationConfig"]["OnFailure"]["Destination"].removeprefix("arn:")
        self.table = template.physical.get(table, table)
        self._queue = template.physical[queue]
        self._shards = Shards(self.table)

    def skip(self) -> None:
        """Leave out what is in the stream: an earlier run has delivered it."""
        self._shards.read()

    def run(self, stopping: threading.Event) -> None:
        while not stopping.wait(POLL):
            try:
                wanted = [record for record in self._shards.read() if self._wants(record)]
            except Exception as fault:  # noqa: BLE001 - DynamoDB Local may be restarted under us
                observability.log_fault(fault)
                stopping.wait(1)
                continue
            self.deliver(wanted, stopping)

    def _wants(self, record: Record) -> bool:
        return not self._patterns or any(matches(pattern, record) for pattern in self._patterns)

    def deliver(self, records: list[Record], stopping: threading.Event) -> None:
        """In order. What a batch has left is tried again before what is behind it, and given up as a whole.

        A batch at which the function raises is halved, where the template says so, and the halves have all their tries.
        """
        batches = [(records[first : first + self._batch], 0) for first in range(0, len(records), self._batch)]
        while batches:
            batch, tries = batches.pop(0)
            done, raised = self._hand_over(batch)
            left, tries = batch[done:], 1 if done else tries + 1
            if not left:
                continue
            if raised and self._bisects and len(left) > 1:
                batches[:0] = [(left[: len(left) // 2], 0), (left[len(left) // 2 :], 0)]
            elif tries >= self._tries:
                self._put_aside(left, tries)
            else:
                batches.insert(0, (left, tries))
                if stopping.wait(PAUSE):
                    return

    def _hand_over(self, batch: list[Record]) -> tuple[int, bool]:
        """How many records were dealt with before the first that failed, and whether the function raised."""
        try:
            answer = self._invoke(self._function, {"Records": batch})
        except Exception as fault:  # noqa: BLE001 - Lambda tries again whatever it was
            observability.log_fault(fault, function=self._function)
            return 0, True
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        return next((index for index, number in enumerate(numbers) if number in failed), len(batch)), False

    def _put_aside(self, batch: list[Record], tries: int) -> None:
        """Say where it is, as Lambda does: the records themselves stay in the stream."""
        changes = [record["dynamodb"] for record in batch]
        arrived = [datetime.fromtimestamp(each["ApproximateCreationDateTime"], UTC).isoformat() for each in changes]
        body = {
            "requestContext": {
                "functionArn": f"arn:aws:lambda:{REGION}:function:{self._function}",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": tries,
            },
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(),
            "DDBStreamBatchInfo": {
                "startSequenceNumber": changes[0]["SequenceNumber"],
                "endSequenceNumber": changes[-1]["SequenceNumber"],
                "approximateArrivalOfFirstRecord": arrived[0],
                "approximateArrivalOfLastRecord": arrived[-1],
                "batchSize": len(batch),
                "streamArn": self._shards.arn,
            },
        }
        boto3.client("sqs").send_message(QueueUrl=self._queue, MessageBody=json.dumps(body))
        print(f"{self._function} failed {tries} times: {len(batch)} events are in the dead-letter queue", flush=True)
