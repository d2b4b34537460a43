"""The whole of Rekey in one process, from template.yaml: tables, environment, handlers, stream and inbox.

Nothing of the template is said again here, so a test cannot pass against tables that are not deployed.
"""

from __future__ import annotations

import email
import email.policy
import importlib
import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import boto3
import pyotp
import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends

from local import openapi_refusals, queues, signatures
from local.queues import QueueMapping
from local.template import ACCOUNT, REGION, Template, load_template
from rekey import clock, settings
from rekey.api.errors import InputError
from rekey.api.http import Route
from rekey.aws import sdk
from rekey.credentials import breached_passwords, passwords
from rekey.limits import clients
from rekey.mail import quota
from rekey.oauth import signing_keys
from tests.described import require_described

if TYPE_CHECKING:
    from email.message import EmailMessage

PASSWORD = "Correct-Horse-9"
SECOND_PASSWORD = "Another-Horse-7"
THIRD_PASSWORD = "Third-Horse-Rides-5"
WRONG_PASSWORD = "Mistaken-Horse-3"
EMAIL = "alice@example.com"
# What any route may refuse, declared or not: it is the gateway to the flow that does.
ANY_ROUTE = {each.code for each in (*openapi_refusals.WITH_BODY, *openapi_refusals.EVERYWHERE)}
CACHES = (
    sdk._session,
    sdk._transport,
    sdk.dynamodb,
    sdk.kms,
    sdk.tagging,
    sdk.ses,
    sdk.eventbridge,
    sdk.sqs,
    settings.settings,
    passwords.hasher,
    passwords._decoy,
    clients._refused,
    quota._known,
    breached_passwords._breaker,
    signing_keys._kept,
    signing_keys.modulus,
)


_GAPS = {name: value for name, value in load_template().parameters.items() if name.endswith("Gap")}
GAP = max(map(int, _GAPS.values()))  # seconds after which a mail may follow any other


def no_gaps() -> dict[str, str]:
    """Parameters with which a mail may follow another at once."""
    return dict.fromkeys(_GAPS, "0")


def forget_caches() -> None:
    """As if a new execution environment began: clients and settings are made anew."""
    sdk._transport().close()
    for cached in CACHES:
        cached.cache_clear()


@contextmanager
def deployed_with(**variables: str) -> Iterator[None]:
    """The functions as a deployment with other parameters leaves them, from the next request on."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in variables.items():
            patched.setenv(name, value)
        settings.settings.cache_clear()
        yield
    settings.settings.cache_clear()


class Clock:
    """The time, which stands still until a test moves it."""

    def __init__(self, now: int) -> None:
        self.now = now

    def advance(self, seconds: int) -> None:
        self.now += seconds


@dataclass
class Answer:
    """What a client gets."""

    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a refusal, in whichever form it came; empty where there is none."""
        body = self.json if self.text else {}
        return str(body.get("code") or body.get("error") or "")


@dataclass
class Account:
    """An account as its owner holds it."""

    email: str
    password: str
    account_id: str
    access_token: str
    refresh_token: str
    device_token: str
    totp: pyotp.TOTP | None = None
    recovery_codes: list[str] = field(default_factory=list)


class Stack:
    """The deployed stack. `template` has its parameters set; the environment must hold `template.environment()`."""

    def __init__(self, template: Template, seen: str = "", routes: dict[str, str] | None = None) -> None:
        self.template = template
        self.routes = routes or template.routes()
        self.seen = seen  # the sequence number up to which the stream was looked at

    @classmethod
    def physical_names(cls, template: Template) -> dict[str, str]:
        """Make what has a name only once it exists."""
        kms = boto3.client("kms")
        made = {name: kms.create_key(**key)["KeyMetadata"]["KeyId"] for name, key in template.keys().items()}
        named = replace(template, physical=made)
        queues.create_queues(named)
        return named.physical

    def create(self) -> None:
        for table in self.template.tables():
            boto3.client("dynamodb").create_table(**table)
        for name in self.template.resources("AWS::Events::EventBus"):
            boto3.client("events").create_event_bus(Name=name)
        boto3.client("sesv2").create_email_identity(EmailIdentity=self.template.parameters["MailFrom"])

    def call(  # noqa: PLR0913 - what a request has
        self,
        key: str,
        body: Any = None,
        *,
        token: str | None = None,
        form: dict[str, str] | None = None,
        ip: str = "192.0.2.1",
        headers: dict[str, str] | None = None,
        raw: str | None = None,
        cookies: dict[str, str] | None = None,
        caller: str | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        """One request, as API Gateway hands it to the function of that route; `caller` signed it, if anybody did."""
        sent = {"user-agent": "tests", "content-type": "application/json", **(headers or {})}
        if token:
            sent["authorization"] = f"Bearer {token}"
        text = raw if raw is not None else (json.dumps(body) if body is not None else None)
        if form is not None:
            sent["content-type"] = "application/x-www-form-urlencoded"
            text = urllib.parse.urlencode(form)
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": key,
            "rawPath": key.split()[1],
            "headers": sent,
            "requestContext": {
                "accountId": ACCOUNT,
                "domainName": "api.example.com",
                "http": {"sourceIp": ip, "method": key.split(maxsplit=1)[0]},
                "requestId": "test",
                "routeKey": key,
                "stage": "$default",
            },
            "body": text,
            "isBase64Encoded": False,
            **({"cookies": [f"{name}={value}" for name, value in cookies.items()]} if cookies else {}),
            **({"queryStringParameters": query} if query else {}),
        }
        if caller:
            event["requestContext"]["authorizer"] = {"iam": {**signatures.IDENTITY, "userArn": caller}}
        answered = self.invoke(self.routes[key], event)
        key = key.replace("HEAD ", "GET ", 1)
        answer = Answer(answered["statusCode"], answered["headers"], answered["body"], answered.get("cookies", []))
        declared = {refusal.code: refusal for refusal in self.flow_routes()[key].refuses}
        assert answer.code in {"", *declared, *ANY_ROUTE}, f"{key} answered {answer.code}, which it does not declare"
        refusal = declared.get(answer.code)
        if refusal and issubclass(refusal, InputError):
            undeclared = {each["code"] for each in answer.json["errors"]} - {*openapi_refusals.field_codes(refusal)}
            assert not undeclared, f"{key} said {undeclared} of a field: {refusal.__name__} in api/errors.py does not"
        if sent.get("rekey-client") != "page":  # its tokens are taken out
            require_described(key, answer.status, answer.headers.get("Content-Type", ""), answer.text)
        return answer

    def flow_routes(self) -> dict[str, Route]:
        """Every route as its flow declares it, by its key."""
        return {route.key: route for function in set(self.routes.values()) for route in _declared_by(function)}

    def invoke(self, function: str, event: dict[str, Any], context: Any = None) -> Any:
        return importlib.import_module(function).lambda_handler(event, context)

    def stream(self) -> list[dict[str, Any]]:
        """The stream's records since the last look, those the template's filter lets through."""
        endpoint = sdk.dynamodb().meta.endpoint_url
        if "amazonaws" in endpoint:  # moto does not know the endpoint that botocore now picks for streams
            endpoint = f"https://streams.dynamodb.{REGION}.amazonaws.com"
        streams = boto3.client("dynamodbstreams", endpoint_url=endpoint)
        arn = streams.list_streams(TableName=self.template.physical.get("EventsTable", "EventsTable"))["Streams"][0][
            "StreamArn"
        ]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        position: Any = {"ShardIteratorType": "TRIM_HORIZON"}
        if self.seen:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.seen}
        iterator: str | None = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, **position)["ShardIterator"]
        new: list[Any] = []
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            if not page["Records"]:
                break
            new += page["Records"]
            iterator = page.get("NextShardIterator")
        if new:
            self.seen = new[-1]["dynamodb"]["SequenceNumber"]
        return [record for record in new if record["eventName"] != "REMOVE"]

    def deliver(self) -> Any:
        """Hand the stream to notify, and the letters to mailer, as Lambda would; what notify answered."""
        answer = self.invoke("notify", {"Records": self.stream()})
        self.send_mails()
        return answer

    def send_mails(self) -> None:
        """Hand over the letters that are to be seen in the lanes now, and those that come of it."""
        for mapping in self.mappings():
            while mapping.deliver():
                pass

    def mappings(self) -> list[QueueMapping]:
        """How each lane's queue leads to mailer."""
        events = self.template.functions()["mailer"]["Events"].values()
        return [QueueMapping("mailer", each["Properties"], self.template, self.invoke) for each in events]

    @property
    def inbox(self) -> list[EmailMessage]:
        """Every mail sent, oldest first."""
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        return [_read(message.raw_data) for message in sent]

    def mailed_token(self, to: str = EMAIL) -> str:
        """The token in the newest mail to an address that carries one."""
        self.deliver()
        for mail in reversed(self.inbox):
            found = re.search(r"#token=(\S+)", text_of(mail))
            if found and mail["To"] == to:
                return found[1]
        raise AssertionError(f"no link was mailed to {to}")

    def sign_up(self, address: str = EMAIL, password: str = PASSWORD) -> Account:
        assert self.call("POST /sign-up", {"email": address}).status == 202
        token = self.mailed_token(address)
        answer = self.call("POST /sign-up/complete", {"token": token, "password": password})
        assert answer.status == 201, answer.text
        made = answer.json
        return Account(
            address, password, made["account_id"], made["access_token"], made["refresh_token"], made["device_token"]
        )

    def begin_totp(self, account: Account) -> Account:
        """Set two-factor sign-in up, up to the first code."""
        enrolment = self.call("POST /totp/setup", token=account.access_token).json
        account.totp = cast("pyotp.TOTP", pyotp.parse_uri(enrolment["otpauth_uri"]))
        return account

    def enable_totp(self, account: Account) -> Account:
        """Turn two-factor sign-in on. It spends the present step: the next code is for the next one (`next_code`)."""
        self.begin_totp(account)
        assert account.totp
        answer = self.call("POST /totp/verify", {"code": account.totp.at(clock.now())}, token=account.access_token)
        assert answer.status == 200, answer.text
        account.recovery_codes = answer.json["recovery_codes"]
        return account

    def reauthenticate(self, account: Account, **code: str) -> Answer:
        """Prove who is there: the session may change the second factor."""
        return self.call("POST /reauthenticate", {"password": account.password, **code}, token=account.access_token)

    def sign_in(self, account: Account, *, ip: str = "192.0.2.1", device_token: str | None = None) -> Answer:
        """On a device that is not known, unless it shows by a token that it is."""
        body = {"email": account.email, "password": account.password}
        return self.call("POST /sign-in", {**body, **({"device_token": device_token} if device_token else {})}, ip=ip)

    def challenge(self, account: Account) -> str:
        """The challenge token that the right password gets where two-factor sign-in is on."""
        answer = self.sign_in(account)
        assert answer.status == 200, answer.text
        return cast("str", answer.json["challenge_token"])

    def sign_in_again(self, account: Account) -> Account:
        """Another session of the account, held by another client."""
        made = self.sign_in(account).json
        return replace(account, **{name: made[name] for name in ("access_token", "refresh_token", "device_token")})

    def refresh(self, token: str) -> Answer:
        return self.call("POST /oauth/token", form={"grant_type": "refresh_token", "refresh_token": token})

    def is_signed_in(self, access_token: str) -> bool:
        return self.call("GET /account", token=access_token).status == 200

    def restore(self, table: str, item: dict[str, Any]) -> None:
        """Put a row back as it was, as `rows` gave it."""
        boto3.client("dynamodb").put_item(TableName=table, Item=item)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table, raw."""
        if "amazonaws" in sdk.dynamodb().meta.endpoint_url:
            items = dynamodb_backends[ACCOUNT][REGION].tables[table].all_items()
            return [item.to_json()["Attributes"] for item in items]
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]


@cache
def _declared_by(function: str) -> list[Route]:
    return [each for each in vars(importlib.import_module(function)).values() if isinstance(each, Route)]


def next_code(account: Account) -> str:
    """The code of the step after the present one, which the window of one step already takes."""
    return code_at(account, 30)


def code_at(account: Account, seconds: int) -> str:
    """The code of a time so many seconds from now."""
    assert account.totp
    return account.totp.at(clock.now() + seconds)


def wrong_code(account: Account) -> str:
    """Six digits that are right at no time near this one."""
    right = {code_at(account, 30 * step) for step in range(-25, 26)}
    return next(code for code in (f"{number:06}" for number in range(100)) if code not in right)


@lru_cache(1000)  # a test of mails looks at the inbox after each of them
def _read(mail: str) -> EmailMessage:
    return email.message_from_string(mail, policy=email.policy.default)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return cast("str", body.get_content())
