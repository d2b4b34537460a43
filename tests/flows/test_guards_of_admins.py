"""What holds when two admins, or an admin and an account's end, meet between a read and a write; and all that goes.

Each test says what an attacker would gain by it, or what would be left broken.
"""

from __future__ import annotations

import pytest

from tests.actors import administer, stop_mails
from tests.calls import meanwhile
from tests.flows.test_guards_of_sign_in import NEW, delete, rows
from tests.stack import EMAIL, GAP, Account, Clock, Stack, wrong_code


@pytest.mark.parametrize(
    ("act", "before"),
    [("disable", []), ("enable", ["disable"]), ("clear-totp", [])],
    ids=["disable", "enable", "clear"],
)
def test_of_two_admins_one_is_served(stack: Stack, protected: Account, act: str, before: list[str]) -> None:
    """The owner would be told twice of what was done once, and signed out of what came in between."""
    whom = {"account_id": protected.account_id}
    for each in before:
        administer(stack, each, whom)
    known = len(administer(stack, "find", whom).json["events"])

    with meanwhile("TransactWriteItems", lambda: administer(stack, act, whom)):
        assert administer(stack, act, whom).code == "conflict"

    assert len(administer(stack, "find", whom).json["events"]) == known + 1


def test_mail_again_for_an_account_that_ends_meanwhile(stack: Stack, frozen: Clock, account: Account) -> None:
    """Mails would go on to an address whose owner of now has called them spam."""
    stop_mails(stack, EMAIL)
    frozen.advance(GAP)

    def end() -> None:
        delete(stack, account)
        stop_mails(stack, stack.sign_up().email)

    with meanwhile("TransactWriteItems", end):
        assert administer(stack, "mail-again", {"account_id": account.account_id}).code == "conflict"

    assert administer(stack, "find", {"email": EMAIL}).json["delivery"]["state"] == "bounced"


def test_deletion_takes_no_address_that_is_another_s(stack: Stack, frozen: Clock, account: Account) -> None:
    """An account that a backup brought back, its address being somebody else's by now, would take theirs with it."""
    (backup,) = rows(stack, "account")
    delete(stack, account)
    frozen.advance(GAP)
    renewed = stack.sign_up()
    stack.restore("AccountsTable", backup)

    assert delete(stack, account).code == "conflict"

    assert stack.sign_in(renewed).json["account_id"] == renewed.account_id


def test_clearing_forgets_the_wrong_codes(stack: Stack, protected: Account) -> None:
    """Whoever guesses at codes would keep the owner, helped by support, from setting up a new phone."""
    challenge = {"challenge_token": stack.challenge(protected)}
    for _ in range(5):
        stack.call("POST /sign-in/totp", {**challenge, "code": wrong_code(protected)})

    administer(stack, "clear-totp", {"email": EMAIL})

    assert stack.enable_totp(stack.sign_in_again(protected)).recovery_codes


def test_deletion_takes_a_link_to_sign_up(stack: Stack, frozen: Clock) -> None:
    """A link of before the account would make another after it, and its row would keep the address of who is gone."""
    stack.call("POST /sign-up", {"email": EMAIL})
    body = {"token": stack.mailed_token(), "password": NEW}
    (pending,) = [row for row in stack.rows("TokensTable") if row["sk"]["S"] == "sign-up"]
    frozen.advance(60)
    account = stack.sign_up()
    stack.restore("TokensTable", pending)

    assert delete(stack, account).status == 200

    assert stack.call("POST /sign-up/complete", body).code == "token_invalid"
    assert not [row for row in stack.rows("TokensTable") if row["sk"]["S"] == "sign-up"]
