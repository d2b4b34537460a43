"""DynamoDB stream → function, as Lambda's event source mapping does it: filter, batches, retries, dead-letter queue."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime
from typing import Any

import boto3

from local.lambdas import Lambdas
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

    def __init__(self, function: str, source: dict[str, Any], template: Template, lambdas: Lambdas) -> None:
        self._function = function
        self._lambdas = lambdas
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
        """In order: one that fails is tried again before those behind it, then put aside."""
        size, tries = self._batch, 0
        while records:
            batch = records[:size]
            done, raised = self._invoke(batch)
            records = records[done:]
            if done == len(batch):
                size, tries = self._batch, 0
            elif raised and self._bisects and len(batch) > 1:
                size = len(batch) // 2
            else:
                tries = 1 if done else tries + 1
                if tries >= self._tries:
                    self._put_aside(records.pop(0), tries)
                    tries = 0
                elif stopping.wait(PAUSE):
                    return

    def _invoke(self, batch: list[Record]) -> tuple[int, bool]:
        """How many records were dealt with before the first that failed, and whether the function raised."""
        try:
            answer = self._lambdas.invoke(self._function, {"Records": batch})
        except Exception as fault:  # noqa: BLE001 - Lambda tries again whatever it was
            observability.log_fault(fault, function=self._function)
            return 0, True
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        return next((index for index, number in enumerate(numbers) if number in failed), len(batch)), False

    def _put_aside(self, record: Record, tries: int) -> None:
        """Say where it is, as Lambda does: the record itself stays in the stream."""
        number = record["dynamodb"]["SequenceNumber"]
        arrived = datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC).isoformat()
        body = {
            "requestContext": {
                "functionArn": f"arn:aws:lambda:{REGION}:function:{self._function}",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": tries,
            },
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(),
            "DDBStreamBatchInfo": {
                "startSequenceNumber": number,
                "endSequenceNumber": number,
                "approximateArrivalOfFirstRecord": arrived,
                "approximateArrivalOfLastRecord": arrived,
                "batchSize": 1,
                "streamArn": self._shards.arn,
            },
        }
        boto3.client("sqs").send_message(QueueUrl=self._queue, MessageBody=json.dumps(body))
        print(
            f"{self._function} failed {tries} times: event {record['eventID']} is in the dead-letter queue", flush=True
        )
