"""Limits and locks, through the flows: what they stop, what they must not stop, and whom they tell."""

from __future__ import annotations

import pytest

from rekey.limits import clients
from tests.stack import (
    EMAIL,
    GAP,
    PASSWORD,
    SECOND_PASSWORD,
    Account,
    Answer,
    Clock,
    Stack,
    next_code,
    no_gaps,
    text_of,
    wrong_code,
)


def guess(stack: Stack, email: str = EMAIL, ip: str = "198.51.100.7") -> Answer:
    return stack.call("POST /sign-in", {"email": email, "password": "wrong"}, ip=ip)


def lock_mails(stack: Stack) -> list[str]:
    stack.deliver()
    return [text_of(mail) for mail in stack.inbox if mail["Subject"] == "Sign-in is temporarily locked"]


def test_lock_and_its_end(stack: Stack, account: Account, frozen: Clock) -> None:
    """After five wrong passwords the right one is refused until the very second that Retry-After names."""
    assert [guess(stack).status for _ in range(6)] == [401] * 5 + [429]
    refused = stack.sign_in(account)
    assert refused.status == 429

    frozen.advance(int(refused.headers["Retry-After"]) - 1)
    assert stack.sign_in(account).status == 429
    frozen.advance(1)

    assert stack.sign_in(account).status == 200


def test_success_gives_back_its_own_attempt(stack: Stack, account: Account) -> None:
    """However often the right password comes in between, strangers have five wrong ones, no more and no fewer."""
    for _ in range(4):
        assert stack.sign_in(account).status == 200
        assert guess(stack).status == 401
    assert stack.sign_in(account).status == 200

    assert [guess(stack).status for _ in range(2)] == [401, 429]


def test_success_on_a_known_device_forgets_its_failures(stack: Stack, account: Account) -> None:
    """A right password in between begins its own count anew."""
    wrong = {"email": EMAIL, "password": "wrong", "device_token": account.device_token}
    for _ in range(3):
        assert [stack.call("POST /sign-in", wrong).status for _ in range(4)] == [401] * 4
        assert stack.sign_in(account, device_token=account.device_token).status == 200


def test_lock_is_reported_once(stack: Stack, account: Account) -> None:
    """The owner gets one mail for a lock, however often it is run against, and sees it among the account's events."""
    for _ in range(9):
        guess(stack)

    assert len(lock_mails(stack)) == 1
    seen = stack.call("GET /account", token=account.access_token).json["events"]
    assert [event["type"] for event in seen].count("sign_in.locked") == 1


def test_unknown_address_gets_no_lock_mail(stack: Stack) -> None:
    """Nobody is written to whose address has no account."""
    for _ in range(6):
        guess(stack, "nobody@example.com")

    assert lock_mails(stack) == []


def test_lock_of_the_code(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Five wrong codes lock the code, in all challenges together, with one mail; the password is not locked."""
    wrong = wrong_code(protected)
    for number in range(6):
        body = {"challenge_token": stack.challenge(protected), "code": wrong}
        assert stack.call("POST /sign-in/totp", body).status == (401 if number < 5 else 429)
    right = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    assert stack.call("POST /sign-in/totp", right).code == "too_many_requests"
    assert ["wrong sign-in code" in mail for mail in lock_mails(stack)] == [True]

    frozen.advance(900)

    right = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    assert stack.call("POST /sign-in/totp", right).status == 200


def test_password_lock_does_not_stop_who_is_signed_in(stack: Stack, account: Account) -> None:
    """A stranger who locks the sign-in of an address does not keep its owner, signed in, from changing the password."""
    for _ in range(6):
        guess(stack)

    body = {"current_password": account.password, "new_password": "Another-Horse-7"}
    assert stack.call("POST /change", body, token=account.access_token).status == 204


def test_many_clients_against_one_address(stack: Stack, account: Account) -> None:
    """However many clients guess, they share the address's allowance."""
    answers = [guess(stack, ip=f"203.0.113.{number}").status for number in range(20)]

    assert answers == [401] * 5 + [429] * 15
    assert stack.sign_in(account).status == 429


def test_spelling_buys_no_attempts(stack: Stack, account: Account) -> None:
    """Neither case nor spaces make another address of it."""
    spellings = [account.email, "ALICE@example.com", "alice@EXAMPLE.com", " alice@example.com", "aLiCe@example.com "]

    assert [guess(stack, email).status for email in spellings * 2] == [401] * 5 + [429] * 5


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "10"}])
def test_one_client_against_many_addresses(stack: Stack, account: Account, frozen: Clock) -> None:
    """A client that sprays one password over many addresses is stopped, and it alone, until the period ends."""
    answers = [guess(stack, f"person{number}@example.com").status for number in range(15)]

    assert answers == [401] * 10 + [429] * 5
    assert stack.sign_in(account, ip="198.51.100.7").status == 429
    assert stack.sign_in(account, ip="198.51.100.8").status == 200
    frozen.advance(900)
    assert stack.sign_in(account, ip="198.51.100.7").status == 200


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "3"}])
def test_a_refused_client_locks_nobody(stack: Stack, account: Account) -> None:
    """What a client asks for beyond its own limit takes nothing from the addresses it asks for."""
    for number in range(4):
        guess(stack, f"person{number}@example.com")

    assert [guess(stack).status for _ in range(9)] == [429] * 9
    assert stack.sign_in(account, ip="198.51.100.8").status == 200


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "3"}])
def test_a_lock_by_a_refused_client_is_reported(stack: Stack, account: Account) -> None:
    """Each environment lets one attempt of such a client through; if that makes a lock, its owner is told."""
    for number in range(3):
        guess(stack, f"person{number}@example.com")

    for _ in range(5):
        assert guess(stack).status == 429
        clients._refused.cache_clear()  # as in another environment

    assert stack.sign_in(account, ip="198.51.100.8").status == 429
    assert len(lock_mails(stack)) == 1


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "3"}])
def test_what_an_environment_remembers_of_clients_does_not_grow(stack: Stack, frozen: Clock) -> None:
    """Of refused clients it keeps those of the present period."""
    for ip in ("192.0.2.1", "192.0.2.2"):
        for number in range(4):
            guess(stack, f"person{number}@example.com", ip)
    frozen.advance(900)
    for number in range(4):
        guess(stack, f"person{number}@example.com", "192.0.2.3")

    assert list(clients._refused()) == ["192.0.2.3"]


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "3"}])
def test_one_customer_is_one_client(stack: Stack) -> None:
    """A client with a /64 of IPv6 has one allowance."""
    answers = [guess(stack, f"p{number}@example.com", f"2001:db8:1:2::{number}").status for number in range(5)]

    assert answers == [401] * 3 + [429] * 2
    assert guess(stack, ip="2001:db8:1:3::1").status == 401


def ask(stack: Stack, email: str = EMAIL, ip: str = "198.51.100.7") -> int:
    return stack.call("POST /forgot", {"email": email}, ip=ip).status


def mails_to(stack: Stack, email: str = EMAIL) -> int:
    stack.deliver()
    return sum(mail["To"] == email and mail["Subject"] == "Set a new password" for mail in stack.inbox)


LIMITED = {"MailLimit": "3", "ClientMailLimit": "5", **no_gaps()}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("parameters", "mails_of_one_client", "refusals", "mails_of_many_clients"),
    [
        (LIMITED | {"MailLimitKey": "ip-and-email"}, 3, 0, 11),
        (LIMITED | {"MailLimitKey": "email"}, 3, 0, 11),
        (LIMITED | {"MailLimitKey": "ip"}, 5, 3, 13),
        (LIMITED | {"MailLimitKey": "none"}, 8, 0, 16),
    ],
    ids=["ip-and-email", "email", "ip", "none"],
)
def test_what_mails_are_limited_by(
    stack: Stack, mails_of_one_client: int, refusals: int, mails_of_many_clients: int
) -> None:
    """A client's limit for one address is kept silently, that for all is refused, each only where the template counts
    by it. No other client's emails are any fewer.
    """
    answers = [ask(stack) for _ in range(8)]
    assert mails_to(stack) == mails_of_one_client
    assert answers == [202] * (8 - refusals) + [429] * refusals

    assert [ask(stack, ip=f"203.0.113.{number}") for number in range(8)] == [202] * 8

    assert mails_to(stack) == mails_of_many_clients


@pytest.mark.parametrize("parameters", [LIMITED | {"MailLimitKey": key} for key in ("ip-and-email", "ip")])
def test_one_client_asking_for_many(stack: Stack) -> None:
    """A client that asks for one address after another is refused at its own limit."""
    answers = [ask(stack, f"person{number}@example.com") for number in range(8)]

    assert answers == [202] * 5 + [429] * 3


@pytest.mark.usefixtures("account")
def test_gap_of_an_address(stack: Stack, frozen: Clock) -> None:
    """Within the least gap a second mail is not sent, whoever asks, and the answer is the same."""
    assert [ask(stack), ask(stack, ip="203.0.113.9")] == [202, 202]
    frozen.advance(GAP - 1)
    assert ask(stack) == 202
    assert mails_to(stack) == 1

    frozen.advance(1)

    assert ask(stack) == 202
    assert mails_to(stack) == 2


@pytest.mark.parametrize("parameters", [{"MailLimitKey": "ip"}])
def test_gap_of_a_client(stack: Stack, frozen: Clock) -> None:
    """Counted by client alone, the gap is the client's, and Retry-After says when it is over."""
    assert ask(stack) == 202
    refused = stack.call("POST /forgot", {"email": "other@example.com"}, ip="198.51.100.7")
    assert (refused.status, refused.headers["Retry-After"]) == (429, str(GAP))

    frozen.advance(GAP)

    assert ask(stack) == 202


@pytest.mark.usefixtures("account")
def test_sign_up_and_forgot_are_counted_apart(stack: Stack, frozen: Clock) -> None:
    """Whoever asks to sign up with an address does not keep its owner from resetting the password."""
    frozen.advance(60)
    for _ in range(6):
        stack.call("POST /sign-up", {"email": EMAIL})

    assert ask(stack) == 202
    assert mails_to(stack) == 1


@pytest.mark.usefixtures("account")
def test_limit_ends_with_the_hour(stack: Stack, frozen: Clock) -> None:
    """Five mails an hour, and five more in the next."""
    for hour in (1, 2):
        for _ in range(8):
            ask(stack)
            frozen.advance(GAP + 1)
        assert mails_to(stack) == 5 * hour
        frozen.advance(3600 - frozen.now % 3600)


def change(stack: Stack, account: Account, new: str, current: str | None = None) -> Answer:
    body = {"current_password": current or account.password, "new_password": new}
    return stack.call("POST /change", body, token=account.access_token)


@pytest.mark.parametrize("new", ["short", "alice@example.com-A1", "Password-1", PASSWORD])
def test_a_refused_new_password_locks_nobody(stack: Stack, account: Account, new: str) -> None:
    """However often somebody tries new passwords that are refused, no attempt at the current one is used up."""
    assert [change(stack, account, new).status for _ in range(9)] == [422] * 9

    assert change(stack, account, SECOND_PASSWORD).status == 204


def test_a_refused_new_password_tells_nothing_of_the_current_one(stack: Stack, account: Account) -> None:
    """Whoever holds a stolen session would try current passwords for nothing: right and wrong are answered alike."""
    for new in ("short", "Password-1", "alice@example.com-A1"):
        assert change(stack, account, new).json == change(stack, account, new, "Mistaken-Horse-3").json
    wrong = "Mistaken-Horse-3"
    assert change(stack, account, wrong, wrong).code == change(stack, account, PASSWORD).code == "same_password"

    assert [change(stack, account, SECOND_PASSWORD, wrong).status for _ in range(6)] == [401] * 5 + [429]
