"""What a patient attacker could do at commit 8593519, a program for each: there each of these tests fails.

They know the wire, the inbox and the tables alone, so that they run on both (`git worktree add ../before 8593519`).
"""

from __future__ import annotations

import json
from email import message_from_string
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.ses.models import ses_backends

from local import simulator
from local.template import ACCOUNT, REGION
from tests.stack import EMAIL, PASSWORD, Account, Clock, Stack, code_at, text_of

STRANGER = "203.0.113.9"
BOUNCE, SPAM = "bounce@simulator.amazonses.com", "complaint@simulator.amazonses.com"


def guess(stack: Stack, email: str = EMAIL) -> int:
    return stack.call("POST /sign-in", {"email": email, "password": "Wrong-Horse-9"}, ip=STRANGER).status


def lock(stack: Stack) -> None:
    while guess(stack) != 429:
        pass


def ask_for_reset(stack: Stack, ip: str = "192.0.2.1") -> bool:
    """Whether it brings her an email."""
    stack.deliver()
    before = len(stack.inbox)
    assert stack.call("POST /forgot", {"email": EMAIL}, ip=ip).status == 202
    stack.deliver()
    return any(mail["To"] == EMAIL and "/reset#token=" in text_of(mail) for mail in stack.inbox[before:])


def tell(stack: Stack, news: dict[str, Any], simulated: str, recipient: str) -> None:
    """SES tells of an email what it tells of one to its own simulator."""
    stack.invoke("feedback", json.loads(json.dumps(news).replace(simulated, recipient)))


def tell_fates(stack: Stack, told: int) -> int:
    """SES tells that each email since so many has bounced; how many there are."""
    stack.deliver()
    sent = ses_backends[ACCOUNT][REGION].sent_messages
    for mail in sent[told:]:
        tell(stack, simulator.news_of(mail, None, BOUNCE), BOUNCE, str(message_from_string(mail.raw_data)["To"]))
    return len(sent)


def test_a_stolen_token_as_a_mail_bomb(stack: Stack, account: Account) -> None:
    """Each call with it sent an email, as quickly as one can call; now ten an hour do."""
    stack.deliver()
    before = len(stack.inbox)
    for _ in range(30):
        assert stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token).status == 204
    stack.deliver()

    assert len(stack.inbox) - before <= 10


def test_sign_ups_of_made_up_addresses(stack: Stack) -> None:
    """60 addresses that bounce: all were mailed, at which SES stops sending for everybody; now 30 at most are."""
    told = 0
    for number in range(60):
        stack.call("POST /sign-up", {"email": f"{number}@nowhere.example"}, ip=STRANGER)
        if number % 10 == 9:  # a bounce comes some seconds later
            told = tell_fates(stack, told)

    assert len(stack.inbox) <= 30


def test_an_owner_s_email_behind_a_stranger_s(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """SES throttles the emails to five strangers who came first. The stream waited for them; now it goes on at once."""
    stack.deliver()
    send = vars(BaseClient)["_make_api_call"]

    def throttled(client: Any, operation: str, params: Any) -> Any:
        if operation == "SendEmail" and params["Destination"]["ToAddresses"] != [account.email]:
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "x"}}, operation)
        return send(client, operation, params)

    monkeypatch.setattr(BaseClient, "_make_api_call", throttled)
    for number in range(5):
        stack.call("POST /sign-up", {"email": f"{number}@example.com"}, ip=f"203.0.113.{number}")

    assert stack.deliver() == {"batchItemFailures": []}  # else Lambda hands over nothing newer until they succeed
    assert ask_for_reset(stack)


def test_a_lock_that_follows_a_reset(stack: Stack, account: Account, frozen: Clock) -> None:
    """Locked again while she resets, she was shut out for ever; who has used the link signs in."""
    frozen.advance(60)
    lock(stack)
    stack.call("POST /forgot", {"email": EMAIL})
    link = stack.mailed_token()
    assert stack.call("POST /reset", {"token": link, "new_password": "Another-Horse-7"}).status == 204
    lock(stack)
    account.password = "Another-Horse-7"

    assert stack.sign_in(account, device_token=link).status == 200


@pytest.mark.parametrize("parameters", [{"AttemptLimit": "3"}])  # as few guesses a lock as can be: a day has many
def test_a_day_of_notices(stack: Stack, account: Account, frozen: Clock) -> None:
    """Each lock made an email, 96 a day; and when she called one spam, no reset came any more."""
    stack.deliver()
    before = len(stack.inbox)
    for _ in range(12):
        lock(stack)
        stack.deliver()
        frozen.advance(900)
    notices = len(stack.inbox) - before
    tell(stack, simulator.sns_event(simulator.fate(SPAM, frozen.now)), SPAM, account.email)

    assert (notices, ask_for_reset(stack)) == (1, True)


@pytest.mark.usefixtures("account")
def test_links_that_strangers_use_up(stack: Stack, frozen: Clock) -> None:
    """A stranger asks for her links five times within the hour: she still gets one that she asks for."""
    frozen.advance(3600 - frozen.now % 3600)
    for _ in range(5):
        ask_for_reset(stack, STRANGER)
        frozen.advance(300)

    assert ask_for_reset(stack)


@pytest.mark.parametrize("parameters", [{"AttemptLimit": "100", "ClientAttemptLimit": "1000"}])
def test_a_wider_window_of_codes(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Who knows the password learnt of 20 codes besides those that are right now when they would be; now of none."""
    frozen.advance(3600)
    challenge = stack.challenge(protected)
    told = 0
    for step in (*range(-15, -1, 2), *range(-14, -1, 2), *range(2, 16, 2), *range(3, 16, 2)):  # 7.5 minutes each way
        guessed = {"challenge_token": challenge, "code": code_at(protected, 30 * step)}
        told += stack.call("POST /sign-in/totp", guessed, ip=STRANGER).code != "totp_invalid"

    assert told == 0


def test_a_found_access_token_as_a_second_factor(stack: Stack, account: Account, frozen: Clock) -> None:
    """Ten minutes after she signed in, without her password: a thief set a factor up that only he has."""
    frozen.advance(600)

    assert stack.call("POST /totp/setup", {}, token=account.access_token).status == 401


def test_a_session_of_before_the_second_factor(stack: Stack, account: Account) -> None:
    """A thief who was signed in by her password alone stayed so when she turned it on."""
    thief = stack.sign_in_again(account)
    stack.enable_totp(account)

    assert stack.is_signed_in(account.access_token)
    assert not stack.is_signed_in(thief.access_token)


def test_a_revoked_session_after_a_restore(stack: Stack, account: Account, frozen: Clock) -> None:
    """Of a table as it was before both: when she ends her sessions after it, the epoch came to that of the thief's."""
    table = "AccountsTable"
    backup = next(row for row in stack.rows(table) if "password_hash" in row)
    frozen.advance(1)
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)
    thief = stack.sign_in_again(account)
    frozen.advance(1)
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=stack.sign_in_again(account).access_token)
    assert not stack.is_signed_in(thief.access_token)
    frozen.advance(1)

    stack.restore(table, backup)
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=stack.sign_in_again(account).access_token)

    assert not stack.is_signed_in(thief.access_token)


def test_a_refresh_that_is_followed(stack: Stack, account: Account) -> None:
    """A thief repeats each refresh within the grace: he was given her tokens, unseen; now the session ends."""
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
    hers = stack.call("POST /oauth/token", form=form)
    his = stack.call("POST /oauth/token", form=form, ip=STRANGER, headers={"user-agent": "thief"})

    assert (hers.status, his.status) == (200, 400)
    assert not stack.is_signed_in(hers.json["access_token"])


def test_limits_that_tell_of_a_sign_in(stack: Stack, account: Account, frozen: Clock) -> None:
    """A stranger had more guesses at her address than at one that nobody has, if she had signed in between."""
    frozen.advance(60)

    def guesses(email: str) -> list[int]:
        seen = [guess(stack, email) for _ in range(3)]
        stack.sign_in(account)
        return seen + [guess(stack, email) for _ in range(4)]

    assert guesses(EMAIL) == guesses("nobody@example.com")
    assert account.password == PASSWORD
