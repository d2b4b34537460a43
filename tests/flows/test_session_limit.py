"""So many sessions of an account live at once (`SessionLimit`): a sign-in over it ends those used least lately."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rekey.accounts import history, keys
from rekey.aws.store import Row
from rekey.sessions import session_limit
from tests import seeds
from tests.actors import administer
from tests.calls import meanwhile
from tests.page import Browser
from tests.stack import PASSWORD, Account, Clock, Stack, deployed_with, next_code

LIMIT = 4
limited = pytest.mark.parametrize("parameters", [{"SessionLimit": str(LIMIT)}])


def begin(stack: Stack, frozen: Clock, account: Account, count: int) -> list[Account]:
    """Sessions that begin a minute apart, the oldest first."""
    begun = []
    for _ in range(count):
        frozen.advance(60)
        begun.append(stack.sign_in_again(account))
    return begun


def living(stack: Stack, *held: Account) -> list[bool]:
    return [stack.is_signed_in(each.access_token) for each in held]


def displaced(stack: Stack, account: Account) -> int:
    events = stack.call("GET /account", token=account.access_token).json["events"]
    return [event["type"] for event in events].count("session.displaced")


@limited
def test_the_one_used_least_lately_ends(stack: Stack, frozen: Clock, account: Account) -> None:
    """It is not the oldest: that one was refreshed a moment ago. What ended is an event, and refreshes no more."""
    first, second, third = begin(stack, frozen, account, LIMIT - 1)
    frozen.advance(60)
    account = replace(account, access_token=stack.refresh(account.refresh_token).json["access_token"])
    assert all(living(stack, account, first, second, third))

    newest = stack.sign_in_again(account)

    assert living(stack, account, first, second, third, newest) == [True, False, True, True, True]
    assert stack.refresh(first.refresh_token).code == "invalid_grant"
    assert displaced(stack, newest) == 1


@limited
def test_nothing_ends_up_to_the_limit(stack: Stack, frozen: Clock, account: Account) -> None:
    begun = begin(stack, frozen, account, LIMIT - 1)

    assert all(living(stack, account, *begun))
    assert displaced(stack, account) == 0


def test_without_a_limit(stack: Stack, frozen: Clock, account: Account) -> None:
    """The default: as many as there are."""
    assert all(living(stack, account, *begin(stack, frozen, account, 10)))


@limited
def test_after_a_code(stack: Stack, frozen: Clock, protected: Account) -> None:
    """A password alone ends nothing; the sign-in that its code completes does."""
    for code in protected.recovery_codes[: LIMIT - 1]:
        frozen.advance(60)
        body = {"challenge_token": stack.challenge(protected), "recovery_code": code}
        assert stack.call("POST /sign-in/totp", body).status == 200
    frozen.advance(60)
    body = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    assert stack.is_signed_in(protected.access_token)

    assert stack.call("POST /sign-in/totp", body).status == 200

    assert not stack.is_signed_in(protected.access_token)


@limited
def test_only_what_lives_counts(stack: Stack, frozen: Clock, account: Account) -> None:
    """Sessions of an epoch that has passed, and those that have expired, are no sessions: they take nobody's place."""
    begin(stack, frozen, account, LIMIT - 1)
    assert stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token).status == 204
    begun = begin(stack, frozen, account, LIMIT - 1)
    assert all(living(stack, account, *begun))

    frozen.advance(int(stack.template.parameters["SessionIdle"]))
    newest = begin(stack, frozen, account, LIMIT)

    assert all(living(stack, *newest))
    assert displaced(stack, newest[-1]) == 0


@limited
def test_the_browser_s_own_is_one_of_them(stack: Stack, frozen: Clock, account: Account) -> None:
    """It ends as it always does, once, and frees its place: of the others none ends."""
    browser = Browser(stack)
    assert browser.sign_in(account).status == 200
    others = begin(stack, frozen, account, LIMIT - 2)

    assert browser.sign_in(account).status == 200

    assert all(living(stack, account, *others))
    assert displaced(stack, account) == 0
    assert seeds.events_of(_row(account)).count("session.revoked") == 1


@limited
def test_a_session_that_ends_meanwhile(stack: Stack, frozen: Clock, account: Account) -> None:
    """Its owner signs out where the sign-in would have ended it: nobody is kept from signing in."""
    begin(stack, frozen, account, LIMIT - 1)
    sign_out = {"scope": "session", "session_id": _session_id(account)}

    with meanwhile(
        "TransactWriteItems", lambda: stack.call("POST /revoke-tokens", sign_out, token=account.access_token)
    ):
        assert stack.sign_in(account).status == 200

    assert not stack.is_signed_in(account.access_token)


@limited
def test_two_sign_ins_at_once(stack: Stack, frozen: Clock, account: Account) -> None:
    """Each may miss the other, and one session more lives than may; the next sign-in ends what is over."""
    begin(stack, frozen, account, LIMIT - 1)

    with meanwhile("TransactWriteItems", lambda: stack.sign_in(account)):
        assert stack.sign_in(account).status == 200
    assert _count(stack, account) == LIMIT + 1

    frozen.advance(60)
    stack.sign_in(account)
    assert _count(stack, account) == LIMIT


def test_a_limit_that_is_new(stack: Stack, frozen: Clock, account: Account) -> None:
    """Where far more live than may, each sign-in ends as many as fit in its transaction, and the next ones the rest."""
    for _ in range(session_limit.MOST + 10):
        seeds.issue_session(_row(account))

    with deployed_with(SESSION_LIMIT=str(LIMIT)):
        frozen.advance(60)
        stack.sign_in(account)
        assert _count(stack, account) == 1 + session_limit.MOST + 10 + 1 - session_limit.MOST
        frozen.advance(60)
        newest = stack.sign_in_again(account)

    assert _count(stack, account) == LIMIT
    assert stack.is_signed_in(newest.access_token)


def test_a_limit_above_what_the_account_page_shows(stack: Stack, frozen: Clock, account: Account) -> None:
    for _ in range(history.SHOWN_SESSIONS + 1):
        seeds.issue_session(_row(account))

    with deployed_with(SESSION_LIMIT=str(history.SHOWN_SESSIONS + 2)):
        frozen.advance(60)
        newest = stack.sign_in_again(account)

    assert not stack.is_signed_in(account.access_token)  # the first of all
    assert displaced(stack, newest) == 1


@limited
def test_another_s_sessions(stack: Stack, frozen: Clock, account: Account) -> None:
    """They are in another partition, and are neither counted nor ended."""
    other = stack.sign_up("bob@example.com", PASSWORD)

    begin(stack, frozen, account, LIMIT + 1)

    assert stack.is_signed_in(other.access_token)


def _row(account: Account) -> Row:
    return seeds.account_now(keys.account(account.account_id) | {"account_id": account.account_id})


def _session_id(account: Account) -> str:
    return account.access_token.split(".")[1]


def _count(stack: Stack, account: Account) -> int:
    return len(administer(stack, "find", {"account_id": account.account_id}).json["sessions"])
