"""notify: every event reaches whom it concerns, and one that fails is tried again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from notify import ENTRIES
from rekey.accounts import events, keys
from rekey.accounts.event_types import EVENT_TYPES, SENT_AS_LINK, NoNotice
from rekey.api.client import Client
from rekey.aws import sdk, store
from rekey.mail import sender
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
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("rekey", "sessions.revoked", "default")
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
        store.transact(events.recording(owner, kind, email=EMAIL, client=client, **detail))
        stack.deliver()
        owed[kind] = int(entry.notice is SENT_AS_LINK or not isinstance(entry.notice, NoNotice))
        sent[kind] = len(stack.inbox) - before

    assert sent == owed


def a_value(schema: dict[str, Any]) -> Any:
    """Of a member with this schema."""
    return schema["enum"][0] if "enum" in schema else {"string": "x", "integer": 1}[schema["type"]]


def test_strangers_are_not_published(stack: Stack) -> None:
    """What is asked of an address without an account is nobody's event."""
    stack.call("POST /forgot", {"email": "nobody@example.com"})
    stack.call("POST /sign-up", {"email": "new@example.com"})

    assert published(stack) == []


def failing(**_: Any) -> None:
    raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "x"}}, "SendEmail")


def test_failure_holds_back_what_is_behind_it(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be delivered is named for the stream to hand it over again, and what is behind it is not lost."""
    stack.deliver()
    for scope in ("others", "all"):
        stack.call("POST /revoke-tokens", {"scope": scope}, token=account.access_token)
    records = stack.stream()
    with monkeypatch.context() as broken:
        broken.setattr(sdk.ses(), "send_email", failing)
        answer = stack.invoke("notify", {"Records": records})
    before = len(stack.inbox)

    assert answer == {"batchItemFailures": [{"itemIdentifier": records[0]["dynamodb"]["SequenceNumber"]}]}
    assert stack.invoke("notify", {"Records": records}) == {"batchItemFailures": []}
    assert len(stack.inbox) == before + 2


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

    assert answer == {"batchItemFailures": [{"itemIdentifier": records[1]["dynamodb"]["SequenceNumber"]}]}
    assert len(stack.inbox) == before + 1


@pytest.mark.parametrize("failed", [0, 9, 10, 11, 20, 24])
def test_what_failed_is_repeated_and_little_else(
    stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch, failed: int
) -> None:
    """Of 25 records, whichever mail fails: each before it was mailed once, and at most its ten are published again."""
    stack.deliver()
    for _ in range(25):
        stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)
    records = stack.stream()
    before, send, sends = len(stack.inbox), sender.send, iter(range(26))
    entries: list[str] = []

    def failing_once(*arguments: Any) -> None:
        if next(sends) == failed:
            failing()
        send(*arguments)

    monkeypatch.setattr(sender, "send", failing_once)
    with watching("PutEvents", lambda _, params: entries.extend(entry["Detail"] for entry in params["Entries"])):
        answer = stack.invoke("notify", {"Records": records})
        assert answer == {"batchItemFailures": [{"itemIdentifier": records[failed]["dynamodb"]["SequenceNumber"]}]}
        assert stack.invoke("notify", {"Records": records[failed:]}) == {"batchItemFailures": []}

    assert len(stack.inbox) == before + 25
    assert len(set(entries)) == 25
    assert len(entries) <= 25 + ENTRIES


def test_delivered_twice(stack: Stack) -> None:
    """An event delivered twice makes two mails with one Message-ID; the link in the last one works."""
    stack.call("POST /sign-up", {"email": EMAIL})
    records = stack.stream()
    for _ in range(2):
        stack.invoke("notify", {"Records": records})

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
    """SES is told of each mail what kind it is, under the stack's configuration set."""
    sent: list[dict[str, Any]] = []
    with watching("SendEmail", lambda _, params: sent.append(params)):
        stack.call("POST /sign-up", {"email": EMAIL})
        stack.deliver()

    (params,) = sent
    assert params["ConfigurationSetName"] in stack.template.resources("AWS::SES::ConfigurationSet")
    assert params["EmailTags"] == [{"Name": "kind", "Value": "sign_up-requested"}]


def test_no_language_is_looked_up_for_nothing(stack: Stack, account: Account) -> None:
    """An event that owes no mail is published, and nothing is read."""
    stack.deliver()
    stack.sign_in(account)
    with recording() as calls:
        stack.deliver()

    assert [call.operation for call in calls] == ["PutEvents"]
