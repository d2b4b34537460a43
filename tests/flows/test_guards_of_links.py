"""What holds when a mailed link ends, or what it is for, between another request's read and its write.

Each test says what an attacker would gain by that moment.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import pytest

from rekey import clock
from tests.actors import administer, stop_mails
from tests.calls import meanwhile
from tests.flows import test_expiry
from tests.flows.test_expiry import Expiring
from tests.stack import EMAIL, GAP, SECOND_PASSWORD, Account, Answer, Clock, Stack

NEW = SECOND_PASSWORD
EXPIRING = [test_expiry.sign_up_link, test_expiry.reset_link, test_expiry.email_link]
Link = tuple[Callable[[], str], Callable[[str], Answer]]
"""How to have one mailed, which gives its token, and how to use it."""


def _sign_up(stack: Stack) -> Link:
    return (
        partial(_ask, stack, "POST /sign-up", {"email": EMAIL}),
        partial(_use, stack, "POST /sign-up/complete", password=NEW),
    )


def _reset(stack: Stack) -> Link:
    return (
        partial(_ask, stack, "POST /forgot", {"email": EMAIL}),
        partial(_use, stack, "POST /reset", new_password=NEW),
    )


def _proof(stack: Stack, account: Account) -> Link:
    return (
        partial(_ask, stack, "POST /email/verify", {}, account.access_token),
        partial(_use, stack, "POST /email/verify/complete"),
    )


def _ask(stack: Stack, route: str, body: dict[str, str], access_token: str | None = None) -> str:
    assert stack.call(route, body, token=access_token).status == 202
    return stack.mailed_token()


def _use(stack: Stack, route: str, token: str, **fields: str) -> Answer:
    return stack.call(route, {"token": token, **fields})


@pytest.fixture(params=["sign-up", "reset", "proof"])
def link(request: pytest.FixtureRequest, stack: Stack, frozen: Clock) -> Link:
    if request.param == "sign-up":
        return _sign_up(stack)
    account = stack.sign_up()
    frozen.advance(60)
    return _reset(stack) if request.param == "reset" else _proof(stack, account)


def test_used_by_two_at_once(link: Link) -> None:
    """Who reads along in the mailbox would use the link together with its owner, and both be served."""
    ask, use = link
    token, served = ask(), []

    with meanwhile("TransactWriteItems", lambda: served.append(use(token).status)):
        assert use(token).code == "token_invalid"

    assert served[0] < 300


def test_ended_by_another_meanwhile(frozen: Clock, link: Link) -> None:
    """Who has an older link would use it after the newer one, with which its owner has just ended both; be there one
    more by now.
    """
    ask, use = link
    older = ask()
    frozen.advance(GAP)
    newer, served = ask(), []

    def end() -> None:
        served.append(use(newer).status)
        frozen.advance(GAP)
        ask()

    with meanwhile("TransactWriteItems", end):
        assert use(older).code == "token_invalid"

    assert served[0] < 300


@pytest.mark.parametrize("expiring", EXPIRING, ids=[each.__name__ for each in EXPIRING])
def test_over_while_it_is_judged(
    stack: Stack, frozen: Clock, expiring: Expiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request held up past the end of the link's life (a slow hash is enough) would still be served."""
    life, use = expiring(stack, frozen)
    frozen.advance(life - 1)
    before = stack.rows("TokensTable")
    ticking = itertools.count(frozen.now)  # the row is judged in its last second, what comes after is too late

    with meanwhile("*", lambda: monkeypatch.setattr(clock, "now", lambda: next(ticking))):
        assert use().code == "token_invalid"

    assert stack.rows("TokensTable") == before


@pytest.mark.parametrize("act", ["delete", "disable"])
def test_reset_of_an_account_that_ends_meanwhile(stack: Stack, frozen: Clock, account: Account, act: str) -> None:
    """Who has a link would set a password where an admin has just shut the account, or leave a piece of a deleted one
    (its address being somebody's again), were the link's row there: notify may have been about to write it.
    """
    ask, use = _reset(stack)
    token = ask()
    (issued,) = [row for row in stack.rows("TokensTable") if row["sk"]["S"] == "reset"]
    frozen.advance(GAP)

    def end() -> None:
        administer(stack, act, {"account_id": account.account_id})
        stack.restore("TokensTable", issued)
        if act == "delete":
            stack.sign_up()

    with meanwhile("TransactWriteItems", end):
        assert use(token).code == "token_invalid"

    (row,) = [row for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account"]
    assert (row["account_id"]["S"] == account.account_id) == (act == "disable")
    administer(stack, "enable", {"account_id": account.account_id})
    assert stack.sign_in(account).status == 200


def test_proof_for_an_account_that_ends_meanwhile(stack: Stack, frozen: Clock, account: Account) -> None:
    """Who has a link of a deleted account would have mails go to the address, which is somebody else's by now."""
    ask, use = _proof(stack, account)
    token = ask()
    frozen.advance(GAP)

    def end() -> None:
        administer(stack, "delete", {"account_id": account.account_id})
        stop_mails(stack, stack.sign_up().email)

    with meanwhile("TransactWriteItems", end):
        assert use(token).code == "token_invalid"

    assert administer(stack, "find", {"email": EMAIL}).json["delivery"]["state"] == "bounced"
