"""What a request for an email says of the next one: `retry_after`, before which none is sent."""

from __future__ import annotations

import pytest

from tests.actors import administer
from tests.stack import EMAIL, GAP, Account, Answer, Clock, Stack, no_gaps

UNKNOWN = "mallory@example.com"
ASKING = pytest.mark.parametrize("key", ["POST /sign-up", "POST /forgot"])
STRANGER = "198.51.100.7"


def ask(stack: Stack, key: str, email: str, ip: str = "192.0.2.1") -> Answer:
    answer = stack.call(key, {"email": email}, ip=ip)
    assert answer.status == 202
    return answer


def sent(stack: Stack) -> int:
    stack.deliver()
    return len(stack.inbox)


@ASKING
@pytest.mark.usefixtures("account")
def test_at_first_and_again(stack: Stack, frozen: Clock, key: str) -> None:
    """The first sends and says the whole gap; a repeat sends nothing and says what is left; then one sends again."""
    frozen.advance(3600)
    told = []
    for seconds in (0, 20, GAP - 21, 1):
        frozen.advance(seconds)
        before = sent(stack)
        known, unknown = (ask(stack, key, email).json for email in (EMAIL, UNKNOWN))
        assert known == unknown
        told.append((known["retry_after"], sent(stack) > before))

    assert told == [(GAP, True), (GAP - 20, False), (1, False), (GAP, True)]


@ASKING
@pytest.mark.usefixtures("account")
def test_beyond_the_hours_limit(stack: Stack, frozen: Clock, key: str) -> None:
    """It is the same for any address, and names no time before which an email is sent again."""
    frozen.advance(3600)
    limit = int(stack.template.parameters["MailLimit"])
    for _ in range(limit + 2):
        known, unknown = (ask(stack, key, email).json for email in (EMAIL, UNKNOWN))
        assert known == unknown == {"retry_after": GAP}
        before = sent(stack)
        frozen.advance(GAP)

    assert sent(stack) == before


@ASKING
def test_a_stranger_does_not_learn_that_the_owner_asked(stack: Stack, frozen: Clock, key: str) -> None:
    """From another network the whole gap is told, as for an address that nobody asked for: what is left of it would
    say, to the second, when its owner asked.
    """
    ask(stack, key, EMAIL)
    frozen.advance(20)

    assert ask(stack, key, EMAIL, STRANGER).text == ask(stack, key, UNKNOWN, STRANGER).text
    assert ask(stack, key, EMAIL).json == {"retry_after": GAP - 20}


@pytest.mark.parametrize("parameters", [{"MailLimitKey": "none"}])
@ASKING
def test_where_requests_are_not_counted(stack: Stack, frozen: Clock, key: str) -> None:
    """The gap holds there, too: no second link is sent, and so it is told."""
    if key == "POST /forgot":
        stack.sign_up()
        frozen.advance(GAP)
    before = sent(stack)
    told = [ask(stack, key, EMAIL).json for _ in range(2)]

    assert told == [{"retry_after": GAP}] * 2
    assert sent(stack) == before + 1


@pytest.mark.parametrize("parameters", [no_gaps()])
@ASKING
def test_without_a_gap(stack: Stack, key: str) -> None:
    """Where nothing holds the next one back, it says so."""
    assert ask(stack, key, EMAIL).json == {"retry_after": 0}


def test_verification_of_an_address(stack: Stack, account: Account, frozen: Clock) -> None:
    """Who is signed in is told the gap, and refused within it: nobody else could have asked."""
    first = stack.call("POST /email/verify", {}, token=account.access_token)
    frozen.advance(20)
    again = stack.call("POST /email/verify", {}, token=account.access_token)

    assert (first.status, first.json) == (202, {"retry_after": GAP})
    assert (again.status, again.headers["Retry-After"]) == (429, str(GAP - 20))


def test_an_admins_reset(stack: Stack, account: Account, frozen: Clock) -> None:
    """An admin is told the same, and refused where an admin has just asked. What owner and strangers ask for uses up
    nothing of it, and holds no email of it back.
    """
    for number in range(int(stack.template.parameters["MailLimit"]) + 1):
        ask(stack, "POST /forgot", EMAIL, ip=f"198.51.100.{number}")
        ask(stack, "POST /forgot", EMAIL)
    before = sent(stack)
    first = administer(stack, "reset-password", {"email": account.email})
    frozen.advance(20)
    again = administer(stack, "reset-password", {"email": account.email})

    assert (first.status, first.json) == (202, {"retry_after": GAP})
    assert (again.status, again.headers["Retry-After"]) == (429, str(GAP - 20))
    assert sent(stack) == before + 1


def test_a_refusal_names_the_later_of_both_limits(stack: Stack, account: Account, frozen: Clock) -> None:
    """At the end of the hour whose limit is used up, the gap still holds: Retry-After must not lead to one more 429."""
    limit = int(stack.template.parameters["MailLimit"])
    frozen.advance(3600 - frozen.now % 3600 - GAP * limit + GAP // 2)
    for _ in range(limit):
        assert stack.call("POST /email/verify", {}, token=stack.sign_in(account).json["access_token"]).status == 202
        frozen.advance(GAP)
    frozen.advance(-GAP + 10)

    refused = stack.call("POST /email/verify", {}, token=stack.sign_in(account).json["access_token"])
    assert (refused.status, refused.headers["Retry-After"]) == (429, str(GAP - 10))
