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
    """A record of the stream: the event, and whose it is. None is an address that nobody has registered."""

    record: dict[str, Any]
    event: Row
    account_id: str | None


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
    address = store.get(settings().accounts_table, keys.address(owner))
    return News(record, event, address.get("account_id") if address else None, address)


def _send_mail(news: News, unpublished: dict[str, Exception]) -> str:
    """Send the mail; return its outcome. Raises what kept the event off the bus: else each retry would mail again."""
    event = news.event
    if event["event_id"] in unpublished:
        raise unpublished[event["event_id"]]
    if _owes_mail(news) and _is_stopped(news):
        return "stopped"
    mail = _mail(event, news.account_id)
    if mail:
        sender.send(mail, event["email"], event["event_id"])
    return "ok"


def _owes_mail(news: News) -> bool:
    """But for the one mail by which its owner, signed in, proves an address again."""
    return news.event["type"] in {SIGN_UP_REQUESTED, RESET_REQUESTED} or notices.find(news.event) is not None


def _is_stopped(news: News) -> bool:
    """Whether mails to the address come back, or its owner calls them spam."""
    address = news.address or store.get(
        settings().accounts_table, keys.address(addresses.email_digest(news.event["email"]))
    )
    return delivery.is_stopped(address)


def _mail(event: Row, account_id: str | None) -> Mail | None:
    if not account_id:
        return _sign_up_mail(event) if event["type"] == SIGN_UP_REQUESTED else None
    if event["type"] == SIGN_UP_REQUESTED:
        return mails.already_registered(_locale(event, account_id), event)
    if event["type"] == RESET_REQUESTED:
        return _reset_mail(event, account_id)
    if event["type"] == EMAIL_VERIFICATION_REQUESTED:
        return _verification_mail(event, account_id)
    told = notices.find(event)
    return mails.notice(_locale(event, account_id), event, told) if told else None


def _locale(event: Row, account_id: str) -> Locale:
    """The one that was asked for, else the one the account was made in."""
    if "locale" in event:
        return locale(choose(event["locale"]))
    account = store.get(settings().accounts_table, keys.account(account_id))
    return locale(choose(account.get("locale") if account else None))


def _sign_up_mail(event: Row) -> Mail:
    """A link to prove the address. The row replaces that of an earlier link, if any."""
    email_digest = event["pk"].partition("#")[2]
    token = tokens.issue_token(tokens.SIGN_UP, email_digest, event["event_id"])
    detail = {"email": event["email"], "locale": event.get("locale")}
    one_time.replace(keys.sign_up(email_digest), token, settings().link_life, **detail)
    return mails.complete_sign_up(locale(choose(event.get("locale"))), event, str(token))


def _reset_mail(event: Row, account_id: str) -> Mail | None:
    """A link to set a new password; none for a disabled account. The row replaces that of an earlier link, if any."""
    account = store.get(settings().accounts_table, keys.account(account_id))
    if not account or "disabled_at" in account:
        return None
    token = tokens.issue_token(tokens.RESET, account_id, event["event_id"])
    one_time.replace(keys.reset(account_id), token, settings().link_life)
    language = event.get("locale") or account.get("locale")
    return mails.reset(locale(choose(language)), event, str(token))


def _verification_mail(event: Row, account_id: str) -> Mail:
    """A link to prove that mails arrive. The row replaces that of an earlier link, if any."""
    token = tokens.issue_token(tokens.EMAIL, account_id, event["event_id"])
    one_time.replace(keys.email_verification(account_id), token, settings().link_life, email=event["email"])
    return mails.verify_email(_locale(event, account_id), event, str(token))


def _publish(news: list[News]) -> dict[str, Exception]:
    """What kept an event off the bus, by the event's id. PutEvents answers 200 for events it refused, too."""
    entries: dict[str, Any] = {each.event["event_id"]: _entry(each) for each in news if each.account_id}
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
                "account_id": news.account_id,
                **detail,
            }
        ),
    }
