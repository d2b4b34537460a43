"""Known and unknown addresses are answered alike: status, headers, body, and the calls of AWS behind them."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest

from rekey import ids
from rekey.accounts import addresses, keys
from rekey.aws import store
from rekey.limits import clients
from rekey.sessions import tokens
from rekey.sessions.tokens import DEVICE, RESET
from tests.actors import stop_mails
from tests.calls import recording
from tests.stack import EMAIL, SECOND_PASSWORD, Account, Answer, Clock, Stack

UNKNOWN = "mallory@example.com"
Observed = tuple[Answer, list[str]]


def observed(
    stack: Stack, key: str, body: dict[str, str], ip: str = "198.51.100.7", headers: dict[str, str] | None = None
) -> Observed:
    """What a stranger sees of a request, and what an observer of AWS sees.

    Two calls of a sign-in are under way at once, behind that for a device, so the first three count as a set.
    """
    with recording() as calls:
        answer = stack.call(key, body, ip=ip, headers=headers)
    shapes = [call.shape() for call in calls]
    if key == "POST /sign-in":
        shapes[:3] = sorted(shapes[:3])
    return answer, shapes


def asks(stack: Stack, key: str, email: str) -> Observed:
    """An observed request of the flow for an address; at sign-in with a wrong password."""
    body = {"email": email, "password": "wrong"} if key == "POST /sign-in" else {"email": email}
    return observed(stack, key, body)


def asks_on_a_device(stack: Stack, email: str, device_token: str | None) -> Observed:
    """An observed sign-in with a wrong password, by a stranger who sends this token, if any."""
    token = {"device_token": device_token} if device_token else {}
    return observed(stack, "POST /sign-in", {"email": email, "password": "wrong", **token}, ip="203.0.113.5")


FLOWS = pytest.mark.parametrize("key", ["POST /sign-up", "POST /sign-in", "POST /forgot"])


@FLOWS
def test_at_first_and_up_to_the_limit_and_beyond(stack: Stack, account: Account, frozen: Clock, key: str) -> None:
    """The first request, the n-th, the last allowed, and those beyond: each is answered alike."""
    for _ in range(8):
        known, unknown = asks(stack, key, account.email), asks(stack, key, UNKNOWN)
        assert known == unknown
        frozen.advance(61)

    assert known[1]


@pytest.mark.parametrize("header", ["fr-CH, fr;q=0.9", "de", ""])
@pytest.mark.parametrize("key", ["POST /sign-up", "POST /forgot"])
def test_in_any_language(stack: Stack, account: Account, key: str, header: str) -> None:
    """Whatever language the request is in."""
    headers = {"accept-language": header}
    known, unknown = (observed(stack, key, {"email": e}, headers=headers) for e in (account.email, UNKNOWN))

    assert known == unknown


@FLOWS
def test_at_once_again(stack: Stack, account: Account, key: str) -> None:
    """Sooner than the least gap, too."""
    for _ in range(3):
        assert asks(stack, key, account.email) == asks(stack, key, UNKNOWN)


def test_mail_requests_after_an_hour(stack: Stack, account: Account, frozen: Clock) -> None:
    """When the limit's period is over, and the row that counted it is there or was deleted by TTL."""
    asks(stack, "POST /forgot", account.email)
    asks(stack, "POST /forgot", UNKNOWN)
    frozen.advance(3600)
    key = keys.limit("password.reset_requested", f"{addresses.mailbox_digest(UNKNOWN)}#198.51.100.7")
    boto3.client("dynamodb").delete_item(TableName="TokensTable", Key=store.to_item(key))

    assert asks(stack, "POST /forgot", account.email) == asks(stack, "POST /forgot", UNKNOWN)


def test_sign_in_after_ttl(stack: Stack, account: Account, frozen: Clock) -> None:
    """After a lock, when its period is over, and TTL has deleted the unknown address's row, or has not yet."""
    for email in (account.email, UNKNOWN, "third@example.com"):
        for _ in range(6):
            asks(stack, "POST /sign-in", email)
    frozen.advance(900)
    boto3.client("dynamodb").delete_item(
        TableName="AccountsTable", Key=store.to_item(keys.address(addresses.email_digest(UNKNOWN)))
    )

    known = asks(stack, "POST /sign-in", account.email)

    assert known == asks(stack, "POST /sign-in", UNKNOWN) == asks(stack, "POST /sign-in", "third@example.com")
    assert known[0].status == 401


def test_sign_in_with_two_factors(stack: Stack, protected: Account) -> None:
    """That two-factor sign-in is on shows only once the password is right: before, and at the limit, nothing does."""
    for _ in range(7):
        assert asks(stack, "POST /sign-in", protected.email) == asks(stack, "POST /sign-in", UNKNOWN)


@FLOWS
def test_where_mails_are_stopped(stack: Stack, account: Account, frozen: Clock, key: str) -> None:
    """That mails to an address come back shows to nobody: at first, up to the limit, beyond it and after an hour."""
    frozen.advance(3600)
    assert stop_mails(stack, account.email) == ["bounced"]
    for _ in range(8):
        assert asks(stack, key, account.email) == asks(stack, key, UNKNOWN)
        frozen.advance(61)
    frozen.advance(3600)

    assert asks(stack, key, account.email) == asks(stack, key, UNKNOWN)


def test_locked_with_the_right_password(stack: Stack, account: Account) -> None:
    """At the limit the right password is answered as a wrong one is, and as an unknown address is."""
    for _ in range(5):
        asks(stack, "POST /sign-in", account.email)
        asks(stack, "POST /sign-in", UNKNOWN)

    right = observed(stack, "POST /sign-in", {"email": account.email, "password": account.password})

    assert right == asks(stack, "POST /sign-in", account.email) == asks(stack, "POST /sign-in", UNKNOWN)
    assert right[0].status == 429


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "4", "ClientMailLimit": "4"}])
@FLOWS
def test_at_the_limit_of_the_client(stack: Stack, account: Account, frozen: Clock, key: str) -> None:
    """A client that has asked too often is told so, whichever address it asks for next."""
    frozen.advance(60)
    for number in range(5):
        asks(stack, key, f"person{number}@example.com")

    known = asks(stack, key, account.email)

    assert known == asks(stack, key, UNKNOWN)
    assert known[0].status == 429


@pytest.mark.parametrize("parameters", [{"ClientMailLimit": "4"}])
@pytest.mark.parametrize("key", ["POST /sign-up", "POST /forgot"])
def test_the_limit_of_the_client_does_not_tell_who_was_just_asked_for(stack: Stack, key: str) -> None:
    """A client at its limit does not learn for which address somebody else has just asked."""
    stack.call(key, {"email": EMAIL}, ip="192.0.2.200")
    for number in range(4):
        asks(stack, key, f"person{number}@example.com")

    assert asks(stack, key, EMAIL) == asks(stack, key, UNKNOWN)


def test_the_password_is_judged_for_an_unknown_address_too(stack: Stack, account: Account) -> None:
    """The most telling input, an account's right password, gets nothing at any other address."""
    body = {"email": UNKNOWN, "password": account.password}

    assert observed(stack, "POST /sign-in", body) == asks(stack, "POST /sign-in", account.email)


def test_mail_tells_the_owner_alone(stack: Stack, account: Account) -> None:
    """What was asked for a known and an unknown address shows in the mails to them, and nowhere else."""
    asks(stack, "POST /forgot", account.email)
    asks(stack, "POST /forgot", UNKNOWN)
    before = len(stack.inbox)

    stack.deliver()

    assert [mail["To"] for mail in stack.inbox[before:]] == [EMAIL]


def _made_up(_: Stack, email: str) -> str:
    return str(tokens.issue_token(DEVICE, addresses.email_digest(email), ids.new_id()))


def _of_another(stack: Stack, _: str) -> str:
    return stack.sign_up(f"{ids.new_id()}@example.com").device_token


def _link(_: Stack, __: str) -> str:
    return str(tokens.issue_token(RESET, ids.new_id(), ids.new_id()))


def _owner_acts(stack: Stack, account: Account, act: str) -> None:
    """The owner is known, and needs none of what strangers used up."""
    if act == "signs in":
        stack.sign_in(account, device_token=account.device_token)
        stack.sign_in(account)
    elif act == "resets":
        stack.call("POST /forgot", {"email": account.email})
        assert stack.call("POST /reset", {"token": stack.mailed_token(), "new_password": SECOND_PASSWORD}).status == 204
    elif act == "is locked at home":
        body = {"email": account.email, "password": "wrong", "device_token": account.device_token}
        for _ in range(6):
            stack.call("POST /sign-in", body)


@pytest.mark.parametrize("act", ["nothing", "signs in", "resets", "is locked at home"])
@pytest.mark.parametrize("sent", [None, _made_up, _of_another, _link])
def test_with_and_without_device_tokens(
    stack: Stack,
    account: Account,
    frozen: Clock,
    sent: Callable[[Stack, str], str] | None,
    act: str,
) -> None:
    """Whatever token a stranger sends, and whatever the owner does meanwhile: free, at the limit and beyond it."""
    frozen.advance(60)
    for number in range(7):
        if number == 3:
            _owner_acts(stack, account, act)
        known, unknown = (
            asks_on_a_device(stack, email, sent(stack, email) if sent else None) for email in (account.email, UNKNOWN)
        )
        assert known == unknown
        assert known[0].status == (401 if number < 5 else 429)


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "4"}])
@pytest.mark.parametrize("sent", [None, _made_up, _of_another, _link])
def test_at_the_limit_of_the_client_with_device_tokens(
    stack: Stack, account: Account, sent: Callable[[Stack, str], str] | None
) -> None:
    """A client that has failed too often is told so, whichever token it sends."""
    for number in range(4):
        asks_on_a_device(stack, f"person{number}@example.com", None)
    seen = []
    for email in (account.email, UNKNOWN):
        clients._refused.cache_clear()  # as in another environment
        seen.append([asks_on_a_device(stack, email, sent(stack, email) if sent else None) for _ in range(2)])
    known, unknown = seen
    assert known == unknown
    assert [answer.status for answer, _ in known] == [429, 429]
