"""POST /email/verify and its link: who proves that mails arrive is written to again."""

from __future__ import annotations

from typing import Any

import pytest

from local import simulator
from rekey.accounts import addresses, keys
from rekey.aws import store
from tests.stack import EMAIL, GAP, Account, Clock, Stack, text_of

VERIFY, COMPLETE = "POST /email/verify", "POST /email/verify/complete"
COMPLAINED, BOUNCED = (f"{name}@simulator.amazonses.com" for name in ("complaint", "bounce"))


@pytest.fixture(params=[BOUNCED, COMPLAINED])
def stopped(request: pytest.FixtureRequest, stack: Stack, frozen: Clock) -> Account:
    """An account to whose address nothing is mailed any more."""
    account = stack.sign_up(request.param)
    frozen.advance(60)
    stack.invoke("feedback", simulator.sns_event(simulator.fate(account.email, frozen.now)))
    stack.deliver()
    return account


def state(stack: Stack, account: Account) -> Any:
    return stack.call("GET /account", token=account.access_token).json["delivery"]["state"]


def test_the_proof(stack: Stack, frozen: Clock, stopped: Account) -> None:
    """One mail goes to a stopped address, to whoever is signed in asks for it; its link lifts the stop, once."""
    frozen.advance(60)
    before = len(stack.inbox)
    assert stack.call(VERIFY, {"locale": "sv"}, token=stopped.access_token).status == 202
    body = {"token": stack.mailed_token(stopped.email)}
    assert len(stack.inbox) == before + 1
    assert stack.inbox[-1]["Content-Language"] == "sv"
    assert "/email/verify#token=" in text_of(stack.inbox[-1])
    assert state(stack, stopped) != "delivered"

    assert stack.call(COMPLETE, body).status == 204
    assert stack.call(COMPLETE, body).code == "token_invalid"

    assert state(stack, stopped) == "delivered"
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=stopped.access_token)
    stack.deliver()
    assert len(stack.inbox) == before + 2


def test_its_advice_can_be_followed(stack: Stack, frozen: Clock, stopped: Account) -> None:
    """Whoever did not ask for it confirms first and then sets a new password: an address that bounced gets no link
    before. One complaint never keeps a link from its owner.
    """
    frozen.advance(60)
    stack.call(VERIFY, {}, token=stopped.access_token)
    token = stack.mailed_token(stopped.email)
    sent = len(stack.inbox)
    assert "confirm first, then set a new password" in text_of(stack.inbox[-1])
    stack.call("POST /forgot", {"email": stopped.email})
    stack.deliver()
    assert (len(stack.inbox) == sent) == stopped.email.startswith("bounce")

    stack.call(COMPLETE, {"token": token})
    frozen.advance(GAP)
    stack.call("POST /forgot", {"email": stopped.email})
    stack.deliver()

    assert "/reset#token=" in text_of(stack.inbox[-1])


def test_both_are_events_of_the_account(stack: Stack, frozen: Clock, stopped: Account) -> None:
    """The owner sees who asked, and that it was proved."""
    frozen.advance(60)
    stack.call(VERIFY, {}, token=stopped.access_token)
    stack.call(COMPLETE, {"token": stack.mailed_token(stopped.email)})

    events = stack.call("GET /account", token=stopped.access_token).json["events"]

    assert [event["type"] for event in events[:2]] == ["email.verified", "email.verification_requested"]


def test_limits(stack: Stack, account: Account, frozen: Clock) -> None:
    """So many mails an hour and no two at once; whoever is signed in is told so, for nobody else can use them up:
    neither who asks for a reset nor another account on the same network.
    """
    other = stack.sign_up("bob@example.com")
    for _ in range(int(stack.template.parameters["MailLimit"]) + 1):
        stack.call("POST /forgot", {"email": EMAIL})
        stack.call(VERIFY, {}, token=other.access_token)
    asked = [stack.call(VERIFY, {}, token=account.access_token) for _ in range(2)]
    assert [answer.status for answer in asked] == [202, 429]
    assert asked[1].headers["Retry-After"] == str(GAP)
    for _ in range(int(stack.template.parameters["MailLimit"]) - 1):
        frozen.advance(GAP)
        assert stack.call(VERIFY, {}, token=account.access_token).status == 202
    frozen.advance(GAP)

    assert stack.call(VERIFY, {}, token=account.access_token).status == 429


def test_using_a_link_ends_the_others(stack: Stack, account: Account, frozen: Clock) -> None:
    """Of two links either works, and then neither."""
    links = []
    for _ in range(2):
        stack.call(VERIFY, {}, token=account.access_token)
        links.append({"token": stack.mailed_token()})
        frozen.advance(GAP)

    assert [stack.call(COMPLETE, link).status for link in (links[0], *links)] == [204, 400, 400]


def test_no_link_of_another_kind(stack: Stack, account: Account) -> None:
    """A link that sets a password proves nothing here, nor does this one set a password."""
    stack.call("POST /forgot", {"email": EMAIL})
    reset = stack.mailed_token()
    stack.call(VERIFY, {}, token=account.access_token)
    proof = stack.mailed_token()

    assert stack.call(COMPLETE, {"token": reset}).code == "token_invalid"
    assert stack.call("POST /reset", {"token": proof, "new_password": "Another-Horse-7"}).code == "token_invalid"


@pytest.mark.usefixtures("frozen")
def test_no_proof_of_an_address_that_is_another_account_s(stack: Stack, account: Account) -> None:
    """A link of an account that has the address no longer proves nothing for whoever has it now."""
    stack.call(VERIFY, {}, token=account.access_token)
    link = {"token": stack.mailed_token()}
    key = keys.address(addresses.email_digest(EMAIL))
    row = store.get("AccountsTable", key) or {}
    store.put("AccountsTable", {**row, "account_id": "0" * 28})

    assert stack.call(COMPLETE, link).code == "token_invalid"
    assert store.get("AccountsTable", key) == {**row, "account_id": "0" * 28}
