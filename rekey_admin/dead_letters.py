"""`replay`: what could not be delivered is handed on once more, out of the queue of dead letters.

A letter of the stream says when its events were written, not what they are; one of a lane names its event. The events
are rows. To touch a row puts it into the stream again, and notify takes it as new: what fails again is a dead letter
again. A letter is deleted only when all it stands for is handed on, so a replay that is cut short loses nothing.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from rekey_admin.target import Target
from rekey_admin.terminal import Terminal

AddCommand = Callable[..., argparse.ArgumentParser]
Window = tuple[int, int]

HIDDEN = 900  # seconds in which no other replay sees a letter: time to read the table
EARLIER = 15  # seconds an event's time may lie before its arrival in the stream: a request lives ten


def add_to(add_command: AddCommand) -> None:
    add_command("replay", help="deliver what is in the queue of dead letters again").set_defaults(run=replay)


def replay(_options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    """Events, and what SES has told of emails. Letters of another kind stay where they are."""
    sqs, sns = target.client("sqs"), target.client("sns")
    letters = list(_receive(sqs, target.dead_letters))
    if not letters:
        terminal.show({"letters": 0, "events": 0, "feedback": 0, "left": 0}, "There are no dead letters.")
        return
    terminal.confirm(f"Deliver again what {len(letters)} dead letters stand for?")
    windows = [window for letter in letters if (window := window_of(_body(letter)))]
    events = _touch_events(target, windows, terminal)
    named = [key for letter in letters if (key := event_of(_body(letter)))]
    events += sum(_touch(target.dynamodb(), target.events_table, key) for key in named)
    told = left = 0
    for letter in letters:
        notices = notices_of(_body(letter))
        for notice in notices:
            sns.publish(TopicArn=notice["TopicArn"], Message=notice["Message"])
        told += len(notices)
        if not notices and not window_of(_body(letter)) and not event_of(_body(letter)):
            left += 1
            continue
        sqs.delete_message(QueueUrl=target.dead_letters, ReceiptHandle=letter["ReceiptHandle"])
    answer = {"letters": len(letters), "events": events, "feedback": told, "left": left}
    terminal.show(answer, f"{events} events and {told} notices of SES go out again. Left, of no known kind: {left}.")


def _receive(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    while True:
        asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": HIDDEN, "WaitTimeSeconds": 1}
        found = sqs.receive_message(QueueUrl=queue, **asked).get("Messages", [])
        if not found:
            return
        yield from found


def _body(letter: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(letter["Body"])
    return body


def window_of(body: dict[str, Any]) -> Window | None:
    """The seconds in which the events of a batch of the stream were written; None for a letter of another kind."""
    batch = body.get("DDBStreamBatchInfo")
    if not batch:
        return None
    first, last = (
        datetime.fromisoformat(batch[f"approximateArrivalOf{which}Record"]).timestamp() for which in ("First", "Last")
    )
    return int(first) - EARLIER, int(last) + 1


def event_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The key, in wire form, of the event that a letter of a lane names; None for a letter of another kind."""
    return {name: {"S": body[name]} for name in ("pk", "sk")} if {"pk", "sk"} <= body.keys() else None


def notices_of(body: dict[str, Any]) -> list[dict[str, str]]:
    """What SES told of emails: from a topic that could not hand it over, or a function that could not take it."""
    if body.get("Type") == "Notification":
        return [body]
    return [each["Sns"] for each in body.get("requestPayload", {}).get("Records", []) if "Sns" in each]


def _touch_events(target: Target, windows: list[Window], terminal: Terminal) -> int:
    """Reads the table once, for no index knows events by their time. Their neighbours of those seconds go out again."""
    if not windows:
        return 0
    dynamodb, touched = target.dynamodb(), 0
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=target.events_table,
        ProjectionExpression="pk, sk, #at",
        FilterExpression="#at BETWEEN :first AND :last",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={
            ":first": {"N": str(min(first for first, _ in windows))},
            ":last": {"N": str(max(last for _, last in windows))},
        },
    )
    with terminal.progress() as progress:
        task = progress.add_task("Reading the events table", total=None)
        for page in pages:
            for row in page["Items"]:
                at = int(row["at"]["N"])
                if any(first <= at <= last for first, last in windows):
                    touched += _touch(dynamodb, target.events_table, row)
            progress.update(task, description=f"Reading the events table: {touched} events", advance=1)
    return touched


def _touch(dynamodb: Any, table: str, row: dict[str, Any]) -> int:
    """On condition: an account that is deleted meanwhile must not come back as half a row."""
    try:
        dynamodb.update_item(
            TableName=table,
            Key={"pk": row["pk"], "sk": row["sk"]},
            UpdateExpression="SET replayed_at = :now",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":now": {"N": str(time.time_ns() // 1_000_000)}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return 0
    return 1
