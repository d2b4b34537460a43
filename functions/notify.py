"""DynamoDB stream → EventBridge and the lanes: every security event reaches whom it concerns, at least once.

Here, not in the request, it is found out whether an address has an account. No email is sent here: each that is owed is
a letter for mailer, in the lane it belongs to. A record that fails holds back those behind it until it is tried often
enough; then it goes to the dead-letter queue, and an alarm goes off.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, get_args

from botocore.exceptions import BotoCoreError, ClientError

from rekey import clock, observability
from rekey.accounts import keys
from rekey.aws import sdk, store
from rekey.aws.store import Row
from rekey.mail import lanes
from rekey.mail.lanes import Lane
from rekey.settings import settings

# What stays inside: keys, and the address, which other systems can ask for by the account's id.
_NOT_PUBLISHED = {"pk", "sk", "expires_at", "email", "event_id", "type", "at", "replayed_at"}
ENTRIES = 10  # of one PutEvents or SendMessageBatch call, whose 256 KB ten events of at most some 2 KB never fill


class News(NamedTuple):
    """A record of the stream: the event, and whose it is. None is an address that nobody has registered, or what is no
    person's: an application, a signing key, which their events name.
    """

    record: dict[str, Any]
    event: Row
    account_id: str | None

    @property
    def is_published(self) -> bool:
        """An address that nobody has registered is nobody's business."""
        return bool(self.account_id) or _is_of_the_stack(self.event)


class NothingDeliveredError(Exception):
    """The first record failed. Lambda halves a batch at an exception, so in the end that record is tried, and given up,
    alone; to name it would have the whole batch given up with it. What went wrong is in the log.
    """


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    records = event["Records"]
    for begin in range(0, len(records), ENTRIES):
        failed = _deliver(records[begin : begin + ENTRIES])
        if failed is records[0] and len(records) > 1:
            raise NothingDeliveredError
        if failed:  # those before it are done; the stream hands over the rest again, from this one on
            return {"batchItemFailures": [{"itemIdentifier": failed["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _deliver(records: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Publish the events together, then post their letters. The first record that failed is returned.

    Events first: a listener knows a repeat by its id, a person does not.
    """
    news, failed = [], None
    for record in records:
        try:
            news.append(_read(record))
        except Exception as fault:  # noqa: BLE001 - whatever it was, the stream must try this record again
            failed = _failed(record, fault)
            break
    for step in (_publish, _post):
        faults = step(news)
        done = next((number for number, each in enumerate(news) if each.event["event_id"] in faults), len(news))
        if done < len(news):
            failed = _failed(news[done].record, faults[news[done].event["event_id"]])
            news = news[:done]
    for _ in news:
        observability.count_outcome("notify", "ok")
    return failed


def _failed(record: dict[str, Any], fault: Exception) -> dict[str, Any]:
    observability.log_fault(fault, event_id=record["eventID"])
    observability.count_outcome("notify", "fault")
    return record


def _read(record: dict[str, Any]) -> News:
    event = store.from_item(record["dynamodb"]["NewImage"])
    kind, _, owner = event["pk"].partition("#")
    if kind == "account":
        return News(record, event, owner)
    if _is_of_the_stack(event):
        return News(record, event, None)
    address = store.get(settings().accounts_table, keys.address(owner))
    return News(record, event, address.get("account_id") if address else None)


def _is_of_the_stack(event: Row) -> bool:
    return event["pk"] in {keys.client("")["pk"], keys.signing_keys()["pk"]}


def _publish(news: list[News]) -> dict[str, Exception]:
    """What kept an event off the bus, by the event's id. PutEvents answers 200 for events it refused, too."""
    entries: dict[str, Any] = {each.event["event_id"]: _entry(each) for each in news if each.is_published}
    if not entries:
        return {}
    try:
        results = sdk.eventbridge().put_events(Entries=[*entries.values()])["Entries"]
    except (BotoCoreError, ClientError) as fault:
        return dict.fromkeys(entries, fault)
    return {
        event_id: ClientError({"Error": {"Code": result["ErrorCode"]}}, "PutEvents")
        for event_id, result in zip(entries, results, strict=True)
        if "ErrorCode" in result
    }


def _post(news: list[News]) -> dict[str, Exception]:
    """What kept a letter out of its queue, by the event's id. SendMessageBatch answers 200 for them, too."""
    faults: dict[str, Exception] = {}
    for lane in get_args(Lane):
        events = {
            each.event["event_id"]: each.event for each in news if lanes.find_lane(each.event, each.account_id) == lane
        }
        if not events:
            continue
        try:
            refused = lanes.post(lane, events)
        except (BotoCoreError, ClientError) as fault:
            faults |= dict.fromkeys(events, fault)
        else:
            errors = {each: {"Error": {"Code": code}} for each, code in refused.items()}
            faults |= {each: ClientError(error, "SendMessageBatch") for each, error in errors.items()}  # type: ignore[arg-type]
    return faults


def _entry(news: News) -> dict[str, str]:
    """As docs/events.md has it."""
    event = news.event
    detail = {name: value for name, value in event.items() if name not in _NOT_PUBLISHED}
    return {
        "EventBusName": settings().event_bus,
        "Source": "rekey",
        "DetailType": event["type"],
        "Detail": json.dumps(
            {
                "version": 1,
                "id": event["event_id"],
                "at": clock.iso(event["at"]),
                **({"account_id": news.account_id} if news.account_id else {}),
                **detail,
            }
        ),
    }
