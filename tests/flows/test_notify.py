"""notify: every event reaches whom it concerns, and one that fails is tried again."""

from __future__ import annotations

import json
from collections import defaultdict
from threading import Event
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from local.stream import StreamMapping
from notify import ENTRIES
from rekey.accounts import events, keys
from rekey.accounts.event_types import APPLICATION_CONNECTED, EVENT_TYPES, SENT_AS_LINK, SIGNED_IN, NoNotice
from rekey.api.client import Client
from rekey.aws import sdk, store
from rekey.mail import lanes
from tests.calls import recording, watching
from tests.stack import EMAIL, PASSWORD, Account, Stack, text_of


def published(stack: Stack) -> list[dict[str, Any]]:
    """The entries that delivering the stream puts on EventBridge."""
    entries: list[dict[str, Any]] = []
    with watching("PutEvents", lambda _, params: entries.extend(params["Entries"])):
        stack.deliver()
    return entries


def test_event_on_the_bus(stack: Stack, account: Account) -> None:
    """An event goes to the bus with its id, time and account, and without keys or the address."""
    published(stack)
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)

    (entry,) = published(stack)

    detail = json.loads(entry["Detail"])
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("rekey", "sessions.revoked", "EventBus")
    assert (detail["version"], detail["account_id"], detail["scope"]) == (1, account.account_id, "others")
    assert detail["at"] == "2027-01-15T08:01:40Z"
    assert not {"pk", "sk", "email", "expires_at"} & set(detail)


def test_each_type_has_the_mail_it_is_to_have(stack: Stack, account: Account) -> None:
    """One event of each type, with what it adds: those owed a notice or a link by mail get one mail, others none."""
    stack.deliver()
    owner, client = keys.account(account.account_id), Client("192.0.2.1", "tests")
    owed, sent = {}, {}
    for kind, entry in EVENT_TYPES.items():
        before = len(stack.inbox)
        detail = {name: a_value(schema) for name, schema in entry.members().items()}
        if kind == SIGNED_IN:
            detail["device"] = "new"
        if kind == APPLICATION_CONNECTED:
            detail["party"] = "third"
        store.transact(events.recording(owner, kind, email=EMAIL, client=client, **detail))
        stack.deliver()
        owed[kind] = int(entry.notice is SENT_AS_LINK or not isinstance(entry.notice, NoNotice))
        sent[kind] = len(stack.inbox) - before

    assert sent == owed


def a_value(schema: dict[str, Any]) -> Any:
    """Of a member with this schema."""
    return schema["enum"][0] if "enum" in schema else {"string": "x", "integer": 1, "array": ["x"]}[schema["type"]]


def test_strangers_are_not_published(stack: Stack) -> None:
    """What is asked of an address without an account is nobody's event."""
    stack.call("POST /forgot", {"email": "nobody@example.com"})
    stack.call("POST /sign-up", {"email": "new@example.com"})

    assert published(stack) == []


def letters(stack: Stack) -> dict[str, list[str]]:
    """The ids of the events whose letters wait in each lane, by its queue."""
    waiting: dict[str, list[str]] = {}
    for name in ("OwnersQueue", "StrangersQueue"):
        found: list[Any] = []
        while more := boto3.client("sqs").receive_message(QueueUrl=stack.template.physical[name]).get("Messages"):
            found += more
        waiting[name] = [json.loads(message["Body"])["sk"].partition("#")[2] for message in found]
    return waiting


def test_lanes(stack: Stack, account: Account) -> None:
    """What anybody can cause waits in the lane of strangers, what owners must get in theirs, and nothing else waits."""
    stack.deliver()
    for email in (account.email, "new@example.com"):
        stack.call("POST /sign-up", {"email": email})
        stack.call("POST /forgot", {"email": email})
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)
    stack.sign_in(account, device_token=account.device_token)
    records = stack.stream()
    ids: dict[str, list[str]] = defaultdict(list)
    for record in records:
        ids[record["dynamodb"]["NewImage"]["type"]["S"]].append(record["dynamodb"]["NewImage"]["event_id"]["S"])
    stack.invoke("notify", {"Records": records})

    waiting = letters(stack)

    assert waiting["StrangersQueue"] == ids["sign_up.requested"]
    assert waiting["OwnersQueue"] == [ids["password.reset_requested"][0], *ids["sessions.revoked"]]


def test_a_letter_has_no_address(stack: Stack) -> None:
    """What waits in a queue names an event, whose key has a digest of the address."""
    posted: list[str] = []
    with watching("SendMessageBatch", lambda _, params: posted.extend(map(json.dumps, params["Entries"]))):
        stack.call("POST /sign-up", {"email": EMAIL})
        stack.deliver()

    (letter,) = posted
    assert EMAIL not in letter
    assert set(json.loads(json.loads(letter)["MessageBody"])) == {"pk", "sk"}


def test_event_refused_by_the_bus(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """EventBridge answers 200 for an event it refused: it is tried again, and no mail is sent before that."""
    stack.deliver()
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)
    before = len(stack.inbox)
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
    monkeypatch.setattr(sdk.eventbridge(), "put_events", lambda **_: refused)

    assert stack.deliver()["batchItemFailures"]
    assert len(stack.inbox) == before


def test_one_of_many_refused_by_the_bus(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of events published together, the first that EventBridge refused is named, and what came before it is done."""
    stack.deliver()
    for scope in ("others", "others", "all"):
        stack.call("POST /revoke-tokens", {"scope": scope}, token=account.access_token)
    records = stack.stream()
    before = len(stack.inbox)
    results = [{"EventId": "a"}, {"ErrorCode": "InternalFailure"}, {"EventId": "b"}]
    monkeypatch.setattr(sdk.eventbridge(), "put_events", lambda **_: {"FailedEntryCount": 1, "Entries": results})

    answer = stack.invoke("notify", {"Records": records})
    stack.send_mails()

    assert answer == {"batchItemFailures": [{"itemIdentifier": records[1]["dynamodb"]["SequenceNumber"]}]}
    assert len(stack.inbox) == before + 1


@pytest.mark.parametrize("failed", [1, 9, 10, 11, 20, 24])
def test_what_failed_is_repeated_and_little_else(
    stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch, failed: int
) -> None:
    """Of 25 records, whichever letter a queue refuses: it is named, and at most its ten are handed on again."""
    stack.deliver()
    for _ in range(25):
        stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)
    records = stack.stream()
    entries: list[str] = []
    refused = records[failed]["dynamodb"]["NewImage"]["event_id"]["S"]

    with watching("PutEvents", lambda _, params: entries.extend(entry["Detail"] for entry in params["Entries"])):
        with monkeypatch.context() as patched:
            patched.setattr(lanes, "post", lambda _, events: {refused: "InternalError"} if refused in events else {})
            answer = stack.invoke("notify", {"Records": records})
        assert answer == {"batchItemFailures": [{"itemIdentifier": records[failed]["dynamodb"]["SequenceNumber"]}]}
        assert stack.invoke("notify", {"Records": records[failed:]}) == {"batchItemFailures": []}

    assert letters(stack)["OwnersQueue"] == [
        record["dynamodb"]["NewImage"]["event_id"]["S"] for record in records[failed:]
    ]
    assert len(set(entries)) == 25
    assert len(entries) <= 25 + ENTRIES


@pytest.mark.parametrize("poison", [0, 2, 6])
def test_a_poison_record_takes_no_neighbour_along(
    stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch, poison: int
) -> None:
    """One that fails for ever is a dead letter of its own; what is before and behind it is handed on."""
    stack.deliver()
    for _ in range(7):
        stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)
    records = stack.stream()
    ids = [record["dynamodb"]["NewImage"]["event_id"]["S"] for record in records]
    del records[poison]["dynamodb"]["NewImage"]["pk"]
    (source,) = stack.template.functions()["notify"]["Events"].values()
    monkeypatch.setattr("local.stream.Shards", lambda _: SimpleNamespace(arn="arn:stream"))
    monkeypatch.setattr("local.stream.PAUSE", 0)
    mapping = StreamMapping("notify", source["Properties"], stack.template, stack.invoke)

    mapping.deliver([json.loads(json.dumps(record, default=lambda at: at.timestamp())) for record in records], Event())

    assert set(letters(stack)["OwnersQueue"]) == {*ids[:poison], *ids[poison + 1 :]}
    queue = stack.template.physical["DeadLetters"]
    (letter,) = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(letter["Body"])["DDBStreamBatchInfo"]["batchSize"] == 1


def test_delivered_twice(stack: Stack) -> None:
    """An event delivered twice makes two mails with one Message-ID; the link in the last one works."""
    stack.call("POST /sign-up", {"email": EMAIL})
    records = stack.stream()
    for _ in range(2):
        stack.invoke("notify", {"Records": records})
        stack.send_mails()

    first, second = stack.inbox
    assert first["Message-ID"] == second["Message-ID"]
    body = {"token": stack.mailed_token(), "password": PASSWORD}
    assert stack.call("POST /sign-up/complete", body).status == 201


def test_every_change_is_mailed(stack: Stack, protected: Account) -> None:
    """The mails of a sign-up with two factors, in order."""
    stack.deliver()

    assert [mail["Subject"] for mail in stack.inbox] == ["Finish signing up for Rekey", "Two-factor sign-in is on"]
    assert {mail["To"] for mail in stack.inbox} == {protected.email}


@pytest.mark.parametrize("route", ["POST /sign-up", "POST /forgot"])
@pytest.mark.usefixtures("account")
def test_a_stranger_writes_no_part_of_a_mail(stack: Stack, route: str) -> None:
    """A mail that anybody can have sent to anybody holds no words of theirs."""
    email = "new@example.com" if route == "POST /sign-up" else EMAIL
    lure = "Your account is in danger: call 555-0100 or visit https://evil.example/now"

    stack.call(route, {"email": email}, headers={"user-agent": lure})
    stack.deliver()

    assert stack.inbox[-1]["To"] == email
    assert "evil.example" not in text_of(stack.inbox[-1])


def test_mails_in_the_language_of_the_sign_up(stack: Stack) -> None:
    """Whoever signed up in Swedish is written to in Swedish, of what they asked for and of what happens later."""
    stack.call("POST /sign-up", {"email": EMAIL, "locale": "sv-SE"})
    made = stack.call("POST /sign-up/complete", {"token": stack.mailed_token(), "password": PASSWORD})
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=made.json["access_token"])
    for _ in range(5):
        stack.call("POST /sign-in", {"email": EMAIL, "password": "wrong"})
    stack.call("POST /forgot", {"email": EMAIL})
    stack.deliver()

    assert [mail["Content-Language"] for mail in stack.inbox] == ["sv"] * 4
    assert {mail["Subject"] for mail in stack.inbox} == {
        "Slutför din registrering hos Rekey",
        "Du har loggats ut på andra ställen",
        "Inloggningen är tillfälligt låst",
        "Välj ett nytt lösenord",
    }


@pytest.mark.parametrize(("locale", "language"), [("fr", "fr"), ("de", "en"), (None, "en")])
@pytest.mark.usefixtures("account")
def test_mail_in_the_language_it_was_asked_in(stack: Stack, locale: str | None, language: str) -> None:
    """A mail is in the language of the request; in English, if that or the account's is none of ours."""
    stack.call("POST /forgot", {"email": EMAIL} | ({"locale": locale} if locale else {}))
    stack.deliver()

    assert stack.inbox[-1]["Content-Language"] == language


@pytest.mark.parametrize(("header", "language"), [("de, fr;q=0.9, en;q=0.8", "fr"), ("de", "sv"), ("*", "sv")])
def test_mail_in_the_language_of_the_browser(stack: Stack, header: str, language: str) -> None:
    """A request that names no language is answered in the browser's, or else in the account's."""
    stack.call("POST /sign-up", {"email": EMAIL, "locale": "sv"}, headers={"accept-language": "fr"})
    stack.call("POST /sign-up/complete", {"token": stack.mailed_token(), "password": PASSWORD})
    stack.call("POST /forgot", {"email": EMAIL}, headers={"accept-language": header})
    stack.deliver()

    assert [mail["Content-Language"] for mail in stack.inbox] == ["sv", language]


def test_configuration_set_and_tag(stack: Stack) -> None:
    """SES is told of each email what kind it is and of which lane, under the configuration set of the lane."""
    sent: list[dict[str, Any]] = []
    with watching("SendEmail", lambda _, params: sent.append(params)):
        account = stack.sign_up()
        stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)
        stack.deliver()

    told = [
        (params["ConfigurationSetName"], {each["Name"]: each["Value"] for each in params["EmailTags"]})
        for params in sent
    ]
    assert told == [
        ("StrangersConfiguration", {"kind": "sign_up-requested", "lane": "strangers"}),
        ("MailConfiguration", {"kind": "sessions-revoked", "lane": "owners"}),
    ]
    suppressed = {
        name: properties["SuppressionOptions"]["SuppressedReasons"]
        for name, properties in stack.template.resources("AWS::SES::ConfigurationSet").items()
    }
    assert suppressed == {"StrangersConfiguration": ["BOUNCE", "COMPLAINT"], "MailConfiguration": []}


def test_no_language_is_looked_up_for_nothing(stack: Stack, account: Account) -> None:
    """An event that owes no mail is published, and nothing is read."""
    stack.deliver()
    stack.sign_in(account, device_token=account.device_token)
    with recording() as calls:
        stack.deliver()

    assert [call.operation for call in calls] == ["PutEvents"]
