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
from rekey.sessions import links, tokens
from tests.actors import administer
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
    """100 calls that end the other sessions: NoticeLimit emails, and 100 events."""
    stack.deliver()
    before = len(stack.inbox)
    for _ in range(100):
        assert stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token).status == 204
    stack.deliver()

    assert len(stack.inbox) - before == int(stack.template.parameters["NoticeLimit"])
    recorded = [row for row in stack.rows("EventsTable") if row["type"]["S"] == "sessions.revoked"]
    assert len(recorded) == 100


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
    assert len(stack.inbox) == before + 3


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


@pytest.mark.parametrize("parameters", [{"AttemptLimit": "3"}])  # as few guesses a lock as can be: a day has many
def test_a_complaint_about_locks_stops_no_reset(stack: Stack, account: Account, frozen: Clock) -> None:
    """96 locks in a day make one notice. Should the owner call it spam, her reset is still sent, and the admin's."""
    stack.deliver()
    before = len(stack.inbox)
    period = int(stack.template.parameters["AttemptPeriod"])
    for _ in range(96):
        for number in range(int(stack.template.parameters["AttemptLimit"])):
            guess = {"email": account.email, "password": WRONG_PASSWORD}
            assert stack.call("POST /sign-in", guess, ip=f"203.0.113.{number}").status == 401
        stack.deliver()
        frozen.advance(period)
    assert len(stack.inbox) - before == 1

    spam = json.dumps(simulator.fate("complaint@simulator.amazonses.com", clock.now()))
    stack.invoke("feedback", simulator.sns_event(json.loads(spam.replace("complaint@simulator.amazonses.com", EMAIL))))
    stack.call("POST /forgot", {"email": account.email})
    stack.deliver()
    assert has_reset(stack)
    assert administer(stack, "reset-password", {"email": account.email}).status == 202
    stack.deliver()
    assert len(stack.inbox) - before == 3


def is_live(stack: Stack, number: int) -> bool:
    """Whether the reset link of an email of the inbox would be accepted now."""
    token = tokens.parse_token(tokens.RESET, text_of(stack.inbox[number]).partition("#token=")[2].split()[0])
    assert token
    return links.is_good(
        store.get(stack.template.physical.get("TokensTable", "TokensTable"), keys.reset(token.owner)), token
    )


@pytest.mark.parametrize("hers", [True, False], ids=["on her network", "elsewhere"])
def test_nobody_starves_an_owner_of_links(stack: Stack, account: Account, frozen: Clock, *, hers: bool) -> None:
    """Somebody asks for her address five times an hour and more, for two hours: at every minute the newest link in her
    inbox works, and an admin can have another sent. From another network, she gets an email whenever she asks.
    """
    stack.deliver()
    frozen.advance(-frozen.now % 3600)
    for minute in range(120):
        attacker = "192.0.2.1" if hers else "198.51.100.7"
        assert stack.call("POST /forgot", {"email": account.email}, ip=attacker).status == 202
        stack.deliver()
        assert is_live(stack, -1)
        if minute % 60 == 30:
            before = len(stack.inbox)
            if not hers:
                stack.call("POST /forgot", {"email": account.email}, ip="192.0.2.1")
                stack.deliver()
            frozen.advance(1)
            assert administer(stack, "reset-password", {"email": account.email}).status == 202
            stack.deliver()
            frozen.advance(-1)
            assert len(stack.inbox) - before == (1 if hers else 2)
        frozen.advance(60)


def test_nobody_ends_a_link_before_its_owner_uses_it(stack: Stack, account: Account, frozen: Clock) -> None:
    """Every minute somebody else has a new link sent: that of ten minutes ago still sets the password."""
    stack.deliver()
    stack.call("POST /forgot", {"email": account.email})
    mine = stack.mailed_token()
    for number in range(10):
        frozen.advance(60)
        stack.call("POST /forgot", {"email": account.email}, ip=f"198.51.100.{number}")
        stack.deliver()
    assert len(stack.inbox) == 12  # the sign-up's, hers, and ten more

    assert stack.call("POST /reset", {"token": mine, "new_password": "Another-Horse-7"}).status == 204


SPELLINGS = pytest.mark.parametrize(
    "spelling",
    [
        lambda number: f"victim+{number}@gmail.com",
        lambda number: f"{'victim'[: 1 + number % 5]}.{'victim'[1 + number % 5 :]}+{number}@googlemail.com",
        lambda number: f"victim+{number}@elsewhere.example",
    ],
)


@SPELLINGS
@pytest.mark.parametrize("parameters", [{"MailGap": "0"}])
def test_spellings_of_one_mailbox_share_its_limit(stack: Stack, spelling: Callable[[int], str]) -> None:
    """60 sign-ups of one mailbox, each spelt otherwise: MailLimit emails an hour, to the address as it was typed."""
    for number in range(60):
        assert stack.call("POST /sign-up", {"email": spelling(number)}).status == 202
    stack.deliver()

    limit = int(stack.template.parameters["MailLimit"])
    assert [mail["To"] for mail in stack.inbox] == [spelling(number) for number in range(limit)]


@SPELLINGS
def test_spellings_from_many_networks(stack: Stack, frozen: Clock, spelling: Callable[[int], str]) -> None:
    """60 sign-ups of one mailbox, from as many networks: MailLimit emails an hour, too. Whoever signs up with it as it
    is mostly written gets an email all the same; and in the next hour all spellings do.
    """
    plain = {"gmail.com": "victim@gmail.com", "googlemail.com": "victim@gmail.com"}.get(
        spelling(0).partition("@")[2], "victim@elsewhere.example"
    )
    for number in range(60):
        stack.call("POST /sign-up", {"email": spelling(number)}, ip=f"198.51.100.{number}")
    stack.call("POST /sign-up", {"email": plain})
    stack.deliver()
    limit = int(stack.template.parameters["MailLimit"])
    assert [mail["To"] for mail in stack.inbox] == [*(spelling(number) for number in range(limit)), plain]

    frozen.advance(3600)
    stack.call("POST /sign-up", {"email": spelling(60)})
    stack.deliver()
    assert mails_to(stack, spelling(60)) == 1


def test_a_mailbox_that_is_flooded_keeps_a_link(stack: Stack, frozen: Clock) -> None:
    """60 sign-ups of one unregistered address in an hour, from as many networks: 5 emails, and the link works for
    whoever it belongs to, to the end of the hour.
    """
    frozen.advance(-frozen.now % 3600)
    for number in range(60):
        stack.call("POST /sign-up", {"email": "new@example.com"}, ip=f"198.51.100.{number}")
        stack.deliver()
        frozen.advance(60)
    assert mails_to(stack, "new@example.com") == int(stack.template.parameters["MailLimit"])

    frozen.advance(-1)
    body = {"token": stack.mailed_token("new@example.com"), "password": "Another-Horse-7"}
    assert stack.call("POST /sign-up/complete", body).status == 201
