"""What a stranger, or a thief of a token, can do by having emails sent: little, and nothing to anybody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_string
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ses.models import ses_backends

from local import simulator
from local.template import ACCOUNT, REGION
from rekey import clock
from rekey.accounts import addresses, event_types, events, keys
from rekey.api.client import Client
from rekey.aws import sdk, store
from rekey.mail import lanes
from tests.stack import EMAIL, WRONG_PASSWORD, Account, Clock, Stack, text_of

NETWORK = Client("203.0.113.9", "attacker")


def mails_to(stack: Stack, *recipients: str) -> int:
    return sum(mail["To"] in recipients for mail in stack.inbox)


def tell_fates(stack: Stack, told: int) -> int:
    """SES tells feedback of each email since so many, and that those to nowhere.example bounced; how many there are."""
    sent = ses_backends[ACCOUNT][REGION].sent_messages
    for mail in sent[told:]:
        recipient = str(message_from_string(mail.raw_data)["To"])
        bounces = recipient.endswith("@nowhere.example")
        news = json.dumps(simulator.news_of(mail, clock.now(), "bounce@simulator.amazonses.com" if bounces else None))
        stack.invoke("feedback", json.loads(news.replace("bounce@simulator.amazonses.com", recipient)))
    return len(sent)


def has_reset(stack: Stack) -> bool:
    return any(mail["To"] == EMAIL and "/reset#token=" in text_of(mail) for mail in stack.inbox)


def test_a_stolen_token_is_no_mail_bomb(stack: Stack, account: Account) -> None:
    """200 calls that end the other sessions: NoticeLimit emails, and 200 events."""
    stack.deliver()
    before = len(stack.inbox)
    for _ in range(200):
        assert stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token).status == 204
    stack.deliver()

    assert len(stack.inbox) - before == int(stack.template.parameters["NoticeLimit"])
    recorded = [row for row in stack.rows("EventsTable") if row["type"]["S"] == "sessions.revoked"]
    assert len(recorded) == 200


def test_a_notice_of_another_kind_still_comes(stack: Stack, account: Account, frozen: Clock) -> None:
    """What used up one kind of notice leaves the others, and the next hour has its own."""
    test_a_stolen_token_is_no_mail_bomb(stack, account)
    before = len(stack.inbox)
    body = {"current_password": account.password, "new_password": "Another-Horse-7"}
    assert stack.call("POST /change", body, token=account.access_token).status == 204
    stack.deliver()
    assert stack.inbox[-1]["Subject"] == "Your password was changed"

    frozen.advance(3600)
    account.password = "Another-Horse-7"
    token = stack.sign_in_again(account).access_token
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=token)
    stack.deliver()
    assert len(stack.inbox) == before + 2


def test_a_row_of_locks_is_told_once_a_day(stack: Stack, account: Account, frozen: Clock) -> None:
    """Twelve locks in a row make one notice; the first lock of the next day is told again."""
    stack.deliver()
    before = len(stack.inbox)
    period = int(stack.template.parameters["AttemptPeriod"])
    for _ in range(12):
        for _ in range(int(stack.template.parameters["AttemptLimit"])):
            stack.call("POST /sign-in", {"email": account.email, "password": WRONG_PASSWORD})
        stack.deliver()
        frozen.advance(period)
    assert len(stack.inbox) - before == 1

    frozen.advance(86400 - 12 * period)
    for _ in range(int(stack.template.parameters["AttemptLimit"])):
        stack.call("POST /sign-in", {"email": account.email, "password": WRONG_PASSWORD})
    stack.deliver()
    assert len(stack.inbox) - before == 2


def test_made_up_addresses_close_their_own_lane(stack: Stack, account: Account) -> None:
    """Of 200 sign-ups of addresses that bounce, some thirty are mailed; an owner's reset still goes out."""
    stack.deliver()
    told = tell_fates(stack, 0)
    bouncing = [f"{number}@nowhere.example" for number in range(200)]
    for number, email in enumerate(bouncing):
        assert stack.call("POST /sign-up", {"email": email}, ip=f"203.0.{number}.9").status == 202
        if number % 10 == 9:  # a bounce comes some seconds later
            stack.deliver()
            told = tell_fates(stack, told)
    assert mails_to(stack, *bouncing) <= 30

    assert stack.call("POST /sign-up", {"email": "new@example.com"}).status == 202
    assert stack.call("POST /forgot", {"email": account.email}).status == 202
    stack.deliver()

    assert mails_to(stack, "new@example.com") == 0
    assert has_reset(stack)


@pytest.mark.parametrize("parameters", [{"SignUpMailBudget": "10", "MailLimitKey": "none"}])
def test_budget_of_strangers(stack: Stack, account: Account, frozen: Clock) -> None:
    """A domain gets half of it, all together no more than it; the next hour has its own, and owners need none."""
    stack.deliver()
    for number in range(8):
        stack.call("POST /sign-up", {"email": f"{number}@one.example"})
    stack.deliver()
    one = mails_to(stack, *(f"{number}@one.example" for number in range(8)))
    for number in range(20):
        stack.call("POST /sign-up", {"email": f"new@{number}.example"})
    stack.call("POST /forgot", {"email": account.email})
    stack.deliver()
    others = mails_to(stack, *(f"new@{number}.example" for number in range(20)))
    assert (one, others) == (5, 4)  # the account's own sign-up was the tenth
    assert has_reset(stack)

    frozen.advance(3600)
    stack.call("POST /sign-up", {"email": "9@one.example"})
    stack.deliver()
    assert mails_to(stack, "9@one.example") == 1


def test_a_quota_that_is_nearly_met_is_kept_for_owners(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 80 % of SES's daily quota on strangers get nothing, and SES is asked once a minute."""
    stack.deliver()
    frozen.advance(60)
    asked = count()

    def nearly_met() -> dict[str, Any]:
        next(asked)
        return {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 160.0, "MaxSendRate": 1.0}}

    monkeypatch.setattr(sdk.ses(), "get_account", nearly_met)
    for number in range(5):
        stack.call("POST /sign-up", {"email": f"{number}@example.com"})
    stack.call("POST /forgot", {"email": account.email})
    stack.deliver()

    assert (len(stack.inbox), next(asked)) == (2, 1)
    assert has_reset(stack)


def every_second_refused(send: Callable[..., Any]) -> Callable[..., Any]:
    calls = count()

    def send_email(**params: Any) -> Any:
        if next(calls) % 2 == 0:
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "x"}}, "SendEmail")
        return send(**params)

    return send_email


def test_a_thousand_strangers_delay_no_owner(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 sign-ups wait, SES refuses every second email: an owner's reset goes out within a minute."""
    stack.deliver()
    waiting = {}
    for number in range(1000):
        address = keys.address(addresses.email_digest(email := f"{number}@example.com"))
        asked = events.recording(address, event_types.SIGN_UP_REQUESTED, email=email, client=NETWORK)
        store.transact(asked)
        event = store.from_item(asked["Put"]["Item"])
        waiting[event["event_id"]] = event
    stack.stream()
    for begin in range(0, 1000, 10):
        lanes.post("strangers", dict([*waiting.items()][begin : begin + 10]))
    monkeypatch.setattr(sdk.ses(), "send_email", every_second_refused(sdk.ses().send_email))
    stack.call("POST /forgot", {"email": account.email})
    stack.invoke("notify", {"Records": stack.stream()})
    owners, strangers = stack.mappings()

    for _ in range(60):
        for _ in range(14):  # two at once, each for a seventh of a second
            strangers.deliver()
        owners.deliver()
        if has_reset(stack):
            break
        frozen.advance(1)

    assert has_reset(stack)
    assert mails_to(stack, *(f"{number}@example.com" for number in range(1000))) < 500


@pytest.mark.parametrize("parameters", [{"MailGap": "0"}])
@pytest.mark.parametrize(
    "spelling",
    [
        lambda number: f"victim+{number}@gmail.com",
        lambda number: f"{'victim'[: 1 + number % 5]}.{'victim'[1 + number % 5 :]}+{number}@googlemail.com",
        lambda number: f"victim+{number}@elsewhere.example",
    ],
)
def test_spellings_of_one_mailbox_share_its_limit(stack: Stack, spelling: Callable[[int], str]) -> None:
    """60 sign-ups of one mailbox, each spelt otherwise: MailLimit emails an hour, to the address as it was typed."""
    for number in range(60):
        assert stack.call("POST /sign-up", {"email": spelling(number)}).status == 202
    stack.deliver()

    limit = int(stack.template.parameters["MailLimit"])
    assert [mail["To"] for mail in stack.inbox] == [spelling(number) for number in range(limit)]
