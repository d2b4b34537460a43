"""What a stranger, or whoever found a password or a device token, can do to an owner's sign-in."""

from __future__ import annotations

import pytest

from rekey import clock
from tests.actors import administer
from tests.stack import EMAIL, SECOND_PASSWORD, WRONG_PASSWORD, Account, Clock, Stack, next_code

STRANGER = "203.0.113.9"


def guess(stack: Stack, email: str = EMAIL, ip: str = STRANGER, device_token: str | None = None) -> int:
    body = {"email": email, "password": WRONG_PASSWORD}
    return stack.call(
        "POST /sign-in", {**body, **({"device_token": device_token} if device_token else {})}, ip=ip
    ).status


def lock(stack: Stack) -> None:
    while guess(stack) != 429:
        pass


def signs_in(stack: Stack, account: Account, device_token: str | None, ip: str = "192.0.2.1") -> bool:
    return stack.sign_in(account, ip=ip, device_token=device_token).status == 200


def reset(stack: Stack, account: Account) -> str:
    stack.call("POST /forgot", {"email": account.email})
    token = stack.mailed_token()
    account.password = SECOND_PASSWORD
    assert stack.call("POST /reset", {"token": token, "new_password": SECOND_PASSWORD}).status == 204
    return token


@pytest.mark.parametrize("parameters", [{"AttemptLimit": "3"}])  # as few guesses a lock as can be: a day has many
def test_a_day_of_locks(stack: Stack, account: Account, frozen: Clock) -> None:
    """A stranger locks the address in each period of a day: 1,440 minutes elsewhere, none on the owner's device."""
    period = int(stack.template.parameters["AttemptPeriod"])
    locked = {"elsewhere": 0, "at home": 0}
    for _ in range(86400 // period):
        lock(stack)
        locked["elsewhere"] += 0 if signs_in(stack, account, None) else period // 60
        locked["at home"] += 0 if signs_in(stack, account, account.device_token) else period // 60
        frozen.advance(period)

    assert locked == {"elsewhere": 1440, "at home": 0}


def test_a_lock_right_after_a_reset(stack: Stack, account: Account, frozen: Clock) -> None:
    """The stranger goes on guessing while the owner resets in a new browser. The owner signs in at once."""
    frozen.advance(60)
    lock(stack)
    link = reset(stack, account)
    lock(stack)

    answer = stack.sign_in(account, device_token=link)

    assert answer.status == 200
    lock(stack)
    assert signs_in(stack, account, answer.json["device_token"])


def test_a_flood_from_the_owner_s_own_network(stack: Stack, account: Account) -> None:
    """Somebody else in the office uses up its allowance: who is known still signs in there."""
    for number in range(int(stack.template.parameters["ClientAttemptLimit"])):
        guess(stack, f"person{number}@example.com", "192.0.2.1")

    assert not signs_in(stack, account, None)
    assert signs_in(stack, account, account.device_token)


def test_an_office_behind_one_address(stack: Stack, account: Account) -> None:
    """300 people sign in from it within a period, and it is not shut out."""
    assert all(signs_in(stack, account, None, "198.51.100.7") for _ in range(300))


def test_a_sprayer_is_stopped(stack: Stack) -> None:
    """One password over 200 addresses: as many are judged as the client may fail, however often it succeeds between."""
    own = stack.sign_up("stranger@example.com")
    answers = []
    for number in range(200):
        answers.append(guess(stack, f"person{number}@example.com"))
        stack.sign_in(own, ip=STRANGER)

    assert answers.count(401) == int(stack.template.parameters["ClientAttemptLimit"])


@pytest.mark.parametrize("act", ["signs in", "signs in on a known device", "resets", "nothing"])
@pytest.mark.parametrize("before", range(6))
def test_limits_tell_nothing_of_the_owner(stack: Stack, account: Account, frozen: Clock, act: str, before: int) -> None:
    """Whatever the owner does meanwhile, a stranger has five guesses in all, as at an address that nobody has."""
    frozen.advance(60)
    seen = [guess(stack) for _ in range(before)]
    if act == "resets":
        reset(stack, account)
    elif act != "nothing":
        stack.sign_in(account, device_token=account.device_token if act.endswith("device") else None)
    seen += [guess(stack) for _ in range(7 - before)]

    assert seen == [guess(stack, "nobody@example.com") for _ in range(7)] == [401] * 5 + [429] * 2


def test_codes_are_not_locked_at_home(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Somebody who knows the password locks the codes: they still work where the owner is known."""
    frozen.advance(60)
    body = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    home = stack.call("POST /sign-in/totp", body).json["device_token"]
    wrong = {"challenge_token": stack.challenge(protected), "code": "000000"}
    while stack.call("POST /sign-in/totp", wrong, ip=STRANGER).status != 429:
        pass
    frozen.advance(60)

    begun = stack.sign_in(protected, device_token=home).json["challenge_token"]
    right = {"challenge_token": begun, "code": next_code(protected)}

    assert stack.call("POST /sign-in/totp", right).status == 200


def test_codes_tell_nothing_of_the_owner(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Who knows the password has five codes a period, though the owner gives a right one between."""
    frozen.advance(60)
    wrong = {"challenge_token": stack.challenge(protected), "code": "000000"}
    seen = [stack.call("POST /sign-in/totp", wrong, ip=STRANGER).status for _ in range(4)]
    right = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    assert stack.call("POST /sign-in/totp", right).status == 200
    seen += [stack.call("POST /sign-in/totp", wrong, ip=STRANGER).status for _ in range(2)]

    assert seen == [401] * 5 + [429]


def test_a_stolen_device_token(stack: Stack, account: Account, frozen: Clock) -> None:
    """Without the password it is worth five guesses a period, over a day as many a period, and one mail."""
    stack.deliver()
    before = len(stack.inbox)
    for _ in range(96):
        judged = [guess(stack, device_token=account.device_token) for _ in range(8)].count(401)
        assert judged == 5
        frozen.advance(900)
        stack.deliver()

    assert len(stack.inbox) - before <= 2
    assert signs_in(stack, account, None)


@pytest.mark.parametrize("end", ["reset", "force sign-in", "disable", "change", "clear totp"])
def test_trust_ends_with_the_epoch(stack: Stack, protected: Account, frozen: Clock, end: str) -> None:
    """A thief's device that is remembered is asked for a code again, whatever the owner or an admin did about it."""
    frozen.advance(60)
    body = {"challenge_token": stack.challenge(protected), "code": next_code(protected), "remember_device": True}
    signed_in = stack.call("POST /sign-in/totp", body).json
    known = signed_in["device_token"]
    assert "access_token" in stack.sign_in(protected, device_token=known).json
    frozen.advance(60)
    if end == "reset":
        reset(stack, protected)
    elif end == "change":
        change = {"current_password": protected.password, "new_password": SECOND_PASSWORD}
        assert stack.call("POST /change", change, token=signed_in["access_token"]).status == 204
        protected.password = SECOND_PASSWORD
    elif end == "clear totp":
        administer(stack, "clear-totp", {"email": EMAIL})
        stack.enable_totp(stack.sign_in_again(protected))
    elif end == "disable":
        administer(stack, "disable", {"email": EMAIL})
        administer(stack, "enable", {"email": EMAIL})
    else:
        administer(stack, "force-sign-in", {"email": EMAIL, "confirm": True})

    assert "challenge_token" in stack.sign_in(protected, device_token=known).json
    assert clock.now() == frozen.now
