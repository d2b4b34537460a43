"""Known devices: what a sign-in leaves, what it is good for at the next one, and when it ends."""

from __future__ import annotations

from typing import Any

import pytest

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.aws import sdk, store
from rekey.aws.store import Row
from rekey.credentials import passwords
from rekey.sessions import devices
from tests.actors import administer
from tests.calls import meanwhile, recording
from tests.stack import EMAIL, SECOND_PASSWORD, WRONG_PASSWORD, Account, Answer, Clock, Stack, deployed_with, next_code

NEW_SIGN_IN = "New sign-in to your Rekey account"
YEAR = 365 * 86400
DAY = 86400


def rows(stack: Stack) -> list[Row]:
    """Every device's row."""
    found = [store.from_item(row) for row in stack.rows("TokensTable")]
    return [row for row in found if row["sk"].startswith("device#")]


def notices(stack: Stack) -> int:
    stack.deliver()
    return sum(mail["Subject"] == NEW_SIGN_IN for mail in stack.inbox)


def guess(stack: Stack, device_token: str) -> int:
    body = {"email": EMAIL, "password": WRONG_PASSWORD, "device_token": device_token}
    return stack.call("POST /sign-in", body).status


def second_step(stack: Stack, account: Account, known: str | None, **more: Any) -> Answer:
    """A sign-in with both factors; 30 s pass between two of them."""
    challenge = stack.sign_in(account, device_token=known).json["challenge_token"]
    return stack.call("POST /sign-in/totp", {"challenge_token": challenge, "code": next_code(account), **more})


def remembered(stack: Stack, account: Account) -> str:
    """The token of a device on which no code is asked for."""
    answer = second_step(stack, account, None, remember_device=True)
    assert answer.status == 200
    return str(answer.json["device_token"])


def is_challenged(stack: Stack, account: Account, device_token: str) -> bool:
    answer = stack.sign_in(account, device_token=device_token)
    assert answer.status == 200, answer.text
    return "challenge_token" in answer.json


def test_a_known_device_is_told_to_nobody(stack: Stack, account: Account) -> None:
    """The owner is mailed of a sign-in on a device that was not known, and of none on one that is."""
    assert notices(stack) == 0  # the sign-up left one
    answer = stack.sign_in(account, device_token=account.device_token)
    assert (answer.json["device_token"], notices(stack)) == (account.device_token, 0)

    other = stack.sign_in(account).json["device_token"]

    assert notices(stack) == 1
    assert stack.sign_in(account, device_token=other).json["device_token"] == other
    assert notices(stack) == 1
    seen = stack.call("GET /account", token=account.access_token).json
    assert len(seen["devices"]) == 2
    told = [event["device"] for event in seen["events"] if event["type"] == "sign_in.succeeded"]
    assert told == ["known", "new", "known"]


def test_a_session_knows_the_sign_in_it_began_with(stack: Stack, account: Account, frozen: Clock) -> None:
    """Though a stranger's sign-in was in the same second; of what an earlier release recorded it cannot be told."""
    mine, theirs = stack.sign_in(account).json["access_token"], stack.sign_in(account).json["access_token"]
    frozen.advance(1)
    row = next(row for row in stack.rows("EventsTable") if row["type"]["S"] == "sign_in.succeeded")
    old = {name: value for name, value in row.items() if name not in {"session_id", "device"}}
    sdk.dynamodb().put_item(TableName="EventsTable", Item=old | {"sk": {"S": f"event#{'0' * 28}"}})

    told = [
        [event["current"] for event in stack.call("GET /account", token=token).json["events"]]
        for token in (mine, theirs)
    ]

    assert [sorted(map(str, each)) for each in told] == [["False", "None", "None", "None", "True"]] * 2
    assert told[0] != told[1]


def test_what_is_no_device_of_the_address_changes_nothing(stack: Stack, account: Account) -> None:
    """A token of another address, of another kind, made up or cut short: a new device, in no more calls."""
    other = stack.sign_up("bob@example.com")
    forged = account.device_token.replace(account.device_token.split(".")[2], "A" * 43)
    for sent in (other.device_token, account.refresh_token, forged, account.device_token[:-1], "x"):
        with recording() as calls:
            answer = stack.sign_in(account, device_token=sent)
        assert (answer.status, len(calls)) == (200, 4)
        assert answer.json["device_token"] not in {sent, account.device_token}


def test_a_device_made_up_with_a_right_checksum(stack: Stack, account: Account) -> None:
    """The id of a device is no secret: it is known by its whole token, and guesses at it take nothing from it."""
    token = devices.find_token(account.device_token, addresses.email_digest(EMAIL))
    assert token
    forged = str(type(token)(token.purpose, token.owner, token.token_id, "A" * 43))

    assert [guess(stack, forged) for _ in range(6)] == [401] * 5 + [429]

    assert stack.sign_in(account, device_token=account.device_token).status == 200


def test_a_year_without_use(stack: Stack, account: Account, frozen: Clock) -> None:
    """Each use begins the year anew; after one without, to the second, the device is not known, whatever TTL did."""
    frozen.advance(YEAR - 1)
    assert stack.sign_in(account, device_token=account.device_token).json["device_token"] == account.device_token
    frozen.advance(YEAR - 1)
    assert stack.sign_in(account, device_token=account.device_token).json["device_token"] == account.device_token
    frozen.advance(YEAR)

    assert stack.sign_in(account, device_token=account.device_token).json["device_token"] != account.device_token


def test_at_most_twenty(stack: Stack, account: Account, frozen: Clock) -> None:
    """The one used least recently goes, though it may be the newest."""
    tokens = [account.device_token]
    for _ in range(devices.MOST - 1):
        frozen.advance(DAY)
        tokens.append(stack.sign_in(account).json["device_token"])
    frozen.advance(DAY)
    for token in (tokens[0], *tokens[2:]):
        assert stack.sign_in(account, device_token=token).json["device_token"] == token

    stack.sign_in(account)

    assert len(rows(stack)) == devices.MOST
    assert stack.sign_in(account, device_token=tokens[0]).json["device_token"] == tokens[0]
    assert stack.sign_in(account, device_token=tokens[1]).json["device_token"] != tokens[1]


def test_a_device_has_codes_of_its_own(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Five wrong codes on it lock it, and nothing else; the owner is told once."""
    frozen.advance(60)
    known = second_step(stack, protected, None).json["device_token"]
    frozen.advance(60)
    challenge = stack.sign_in(protected, device_token=known).json["challenge_token"]
    body = {"challenge_token": challenge, "code": "000000"}
    assert [stack.call("POST /sign-in/totp", body).status for _ in range(6)] == [401] * 5 + [429]

    assert second_step(stack, protected, None).status == 200


def test_the_second_step_keeps_the_device(stack: Stack, protected: Account, frozen: Clock) -> None:
    """It is the one that the password was given on, and its token is answered if it is sent again."""
    frozen.advance(60)
    known = second_step(stack, protected, None).json["device_token"]
    assert notices(stack) == 1
    for sent, answered in ((None, None), (known, known), (protected.device_token, None), ("x", None)):
        frozen.advance(60)
        answer = second_step(stack, protected, known, **({"device_token": sent} if sent else {}))
        assert (answer.status, answer.json["device_token"]) == (200, answered)
    assert notices(stack) == 1


def test_no_code_where_the_device_is_remembered(stack: Stack, protected: Account, frozen: Clock) -> None:
    """For 30 days, to the second; then a code is asked for again. It is no second factor for what needs one."""
    frozen.advance(60)
    known = remembered(stack, protected)
    signed_in = stack.sign_in(protected, device_token=known).json
    session = stack.call("GET /account", token=signed_in["access_token"]).json
    assert session["sessions"][0]["amr"] == ["pwd", "device"]
    assert session["devices"][0]["current"]
    assert session["devices"][0]["trusted_until"] == clock.iso(frozen.now + 30 * DAY)
    refused = stack.call("POST /totp/disable", token=signed_in["access_token"])
    assert refused.code == "reauthentication_required"

    frozen.advance(30 * DAY - 1)
    assert not is_challenged(stack, protected, known)
    frozen.advance(1)
    assert is_challenged(stack, protected, known)


def test_a_device_that_nobody_asked_to_remember(stack: Stack, protected: Account, frozen: Clock) -> None:
    """It is known, and asked for a code."""
    frozen.advance(60)
    known = second_step(stack, protected, None).json["device_token"]

    assert is_challenged(stack, protected, known)


@pytest.mark.parametrize("parameters", [{"DeviceTrust": "0"}])
def test_a_team_that_lets_no_device_be_remembered(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Whoever asks for it is still asked for the code."""
    frozen.advance(60)

    assert is_challenged(stack, protected, remembered(stack, protected))


@pytest.mark.parametrize("days", ["0", "7"])
def test_a_team_that_changes_its_mind(stack: Stack, protected: Account, frozen: Clock, days: str) -> None:
    """What was given for longer than it would be now ends at once; what is given from then on is for that long."""
    frozen.advance(60)
    known = remembered(stack, protected)
    assert not is_challenged(stack, protected, known)

    with deployed_with(DEVICE_TRUST=days):
        assert is_challenged(stack, protected, known)
        frozen.advance(60)
        signed_in = second_step(stack, protected, known, remember_device=True).json
        told = stack.call("GET /account", token=signed_in["access_token"]).json["devices"]
        assert is_challenged(stack, protected, known) == (days == "0")
    assert told[0]["trusted_until"] == (clock.iso(frozen.now + 7 * DAY) if days == "7" else None)


def test_a_device_forgotten(stack: Stack, account: Account) -> None:
    """It is known no longer; another account's cannot be forgotten, nor one twice."""
    other = stack.sign_up("bob@example.com")
    [mine] = stack.call("GET /account", token=account.access_token).json["devices"]
    body = {"device_id": mine["device_id"]}
    assert stack.call("POST /devices/forget", body, token=other.access_token).code == "device_not_found"
    assert stack.call("POST /devices/forget", body, token=account.access_token).status == 204
    assert stack.call("POST /devices/forget", body, token=account.access_token).code == "device_not_found"

    assert stack.sign_in(account, device_token=account.device_token).json["device_token"] != account.device_token
    seen = stack.call("GET /account", token=account.access_token).json
    assert "device.forgotten" in [event["type"] for event in seen["events"]]


def test_a_device_of_an_earlier_account_at_the_address(stack: Stack, account: Account) -> None:
    """Until it is swept: it is not listed, and not for whoever has the address now to forget."""
    [mine] = rows(stack)
    store.put("TokensTable", {**mine, "account_id": "0" * 28})

    seen = stack.call("GET /account", token=account.access_token).json

    assert seen["devices"] == []
    body = {"device_id": mine["device_id"]}
    assert stack.call("POST /devices/forget", body, token=account.access_token).code == "device_not_found"


def test_a_lock_of_a_device_is_told_to_the_account(stack: Stack, account: Account) -> None:
    """As an event of its own, which nobody else can cause, with one email."""
    stack.deliver()
    mails = len(stack.inbox)
    for _ in range(7):
        guess(stack, account.device_token)

    stack.deliver()

    assert [mail["Subject"] for mail in stack.inbox[mails:]] == ["Sign-in is temporarily locked"]
    told = [store.from_item(row) for row in stack.rows("EventsTable")]
    assert [row["pk"] for row in told if row["type"] == "sign_in.locked"] == [f"account#{account.account_id}"]


def test_an_attempt_at_a_code_forgotten_meanwhile(stack: Stack, protected: Account, frozen: Clock) -> None:
    """The same of codes: an admin unlocks while the right one is judged, and there are five wrong ones, no more."""
    frozen.advance(60)
    with meanwhile("Decrypt", lambda: administer(stack, "unlock", {"email": EMAIL})):
        assert second_step(stack, protected, None).status == 200
    body = {"challenge_token": stack.challenge(protected), "code": "000000"}

    assert [stack.call("POST /sign-in/totp", body).status for _ in range(6)] == [401] * 5 + [429]


def test_a_device_forgotten_while_the_password_is_judged(stack: Stack, account: Account) -> None:
    """Its row does not come back, and who held it is not signed in by it."""
    [mine] = stack.call("GET /account", token=account.access_token).json["devices"]
    body = {"device_id": mine["device_id"]}

    with meanwhile("TransactWriteItems", lambda: stack.call("POST /devices/forget", body, token=account.access_token)):
        assert stack.sign_in(account, device_token=account.device_token).code == "invalid_credentials"

    assert rows(stack) == []


def test_a_deleted_account_takes_its_devices_along(stack: Stack, account: Account, frozen: Clock) -> None:
    """Whoever signs up with the address next keeps the devices of their own."""
    administer(stack, "delete", {"account_id": account.account_id})
    assert rows(stack) == []
    frozen.advance(60)
    again = stack.sign_up()

    administer(stack, "delete", {"account_id": account.account_id})

    assert stack.sign_in(again, device_token=again.device_token).json["device_token"] == again.device_token


@pytest.mark.parametrize("change", [{"email": "other@example.com"}, {"disabled_at": 1}])
def test_a_device_of_an_account_that_is_no_longer_there(stack: Stack, account: Account, change: Row) -> None:
    """The address is another's by now, or the account is disabled: a known device opens neither."""
    row = store.get("AccountsTable", keys.account(account.account_id))
    store.put("AccountsTable", {**(row or {}), **change})

    assert stack.sign_in(account, device_token=account.device_token).status in {401, 403}


def reset(stack: Stack) -> str:
    """A new password by a mailed link; the link's token."""
    stack.call("POST /forgot", {"email": EMAIL})
    token = stack.mailed_token()
    assert stack.call("POST /reset", {"token": token, "new_password": SECOND_PASSWORD}).status == 204
    return token


def test_a_spent_link_stands_for_a_device_once(stack: Stack, account: Account, frozen: Clock) -> None:
    """For an hour, with five attempts of its own; the sign-in that it was for is one from a new device."""
    frozen.advance(60)
    link = reset(stack)
    assert [guess(stack, link) for _ in range(4)] == [401] * 4
    account.password = SECOND_PASSWORD

    answer = stack.sign_in(account, device_token=link)

    assert answer.json["device_token"].startswith("rkd_")
    assert notices(stack) == 1
    assert not [row for row in rows(stack) if "link" in row]
    seen = stack.call("GET /account", token=answer.json["access_token"]).json["devices"]
    assert len(seen) == 2


def test_a_spent_link_is_no_device(stack: Stack, account: Account, frozen: Clock) -> None:
    """It is listed nowhere, opens no other address, and is worth nothing after an hour."""
    frozen.advance(60)
    link = reset(stack)
    assert [guess(stack, link) for _ in range(6)] == [401] * 5 + [429]
    account.password = SECOND_PASSWORD
    signed_in = stack.sign_in(account, device_token=account.device_token).json
    assert len(stack.call("GET /account", token=signed_in["access_token"]).json["devices"]) == 1
    bob = stack.sign_up("bob@example.com")
    assert [stack.sign_in(bob, device_token=link).status for _ in range(6)] == [200] * 6

    frozen.advance(3600)
    assert [guess(stack, link) for _ in range(6)] == [401] * 5 + [429]
    assert stack.sign_in(account, device_token=account.device_token).status == 200
    assert stack.sign_in(account).status == 429


def test_both_factors_after_a_reset(stack: Stack, protected: Account, frozen: Clock) -> None:
    """The link is spent by the second step, and not before."""
    frozen.advance(60)
    link = reset(stack)
    protected.password = SECOND_PASSWORD
    assert is_challenged(stack, protected, link)

    assert second_step(stack, protected, link).json["device_token"].startswith("rkd_")

    assert not [row for row in rows(stack) if "link" in row]


def test_support_sees_and_ends_the_lock_of_a_device(stack: Stack, account: Account) -> None:
    """An owner who mistypes at home is locked there alone; an admin sees it, and clears it."""
    assert [guess(stack, account.device_token) for _ in range(6)] == [401] * 5 + [429]
    found = administer(stack, "find", {"email": EMAIL}).json
    assert ([lock["what"] for lock in found["locks"]], found["state"]) == (["device"], "locked")

    assert administer(stack, "unlock", {"email": EMAIL}).status == 204

    assert administer(stack, "find", {"email": EMAIL}).json["locks"] == []
    assert stack.sign_in(account, device_token=account.device_token).status == 200


def test_rows_of_an_earlier_release(stack: Stack, account: Account) -> None:
    """An account that knows of no devices, and a session without one: the first sign-in leaves one."""
    row = store.get("AccountsTable", keys.account(account.account_id)) or {}
    store.put("AccountsTable", {name: value for name, value in row.items() if name != "devices"})

    answer = stack.sign_in(account)

    assert answer.status == 200
    assert len((store.get("AccountsTable", keys.account(account.account_id)) or {})["devices"]) == 1


def test_an_attempt_forgotten_meanwhile_is_not_given_back(stack: Stack, account: Account) -> None:
    """An admin unlocks while the password is judged: nothing is left to give back, and strangers get no sixth guess."""
    with meanwhile("TransactWriteItems", lambda: administer(stack, "unlock", {"email": EMAIL})):
        assert stack.sign_in(account).status == 200

    assert [guess(stack, "x") for _ in range(6)] == [401] * 5 + [429]


def test_an_attempt_is_given_back_to_its_own_period(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The period may end while the password is judged: a stranger's attempt in the next one stays counted."""
    matches = passwords.matches

    def slow(kept: str | None, password: str) -> bool:
        monkeypatch.setattr(passwords, "matches", matches)
        frozen.advance(900)
        assert guess(stack, "x") == 401
        return matches(kept, password)

    monkeypatch.setattr(passwords, "matches", slow)
    assert stack.sign_in(account).status == 200

    assert [guess(stack, "x") for _ in range(5)] == [401] * 4 + [429]


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "3"}])
def test_wrong_codes_are_charged_to_strangers(stack: Stack, protected: Account, frozen: Clock) -> None:
    """A client that fails at codes is refused, as one that fails at passwords is. A known device charges it nothing."""
    frozen.advance(60)
    known = second_step(stack, protected, None).json["device_token"]
    for device, refused in ((known, False), (None, True)):
        challenge = stack.sign_in(protected, device_token=device).json["challenge_token"]
        for _ in range(3):
            body = {"challenge_token": challenge, "code": "000000"}
            assert stack.call("POST /sign-in/totp", body).code == "totp_invalid"
        assert (stack.sign_in(protected).status == 429) is refused


@pytest.mark.parametrize("parameters", [{"ClientAttemptLimit": "3"}])
def test_a_known_device_charges_nobody(stack: Stack, account: Account) -> None:
    """An owner who mistypes at work does not use up what the office may fail."""
    assert [guess(stack, account.device_token) for _ in range(4)] == [401] * 4

    assert stack.sign_in(account).status == 200


def test_the_account_hears_of_a_use_once_a_day(stack: Stack, account: Account, frozen: Clock) -> None:
    """Its row is written to by every change of the account, and need not be by each sign-in."""
    written = []
    for _ in range(2):
        frozen.advance(DAY)
        for _ in range(2):
            with recording() as calls:
                stack.sign_in(account, device_token=account.device_token)
            tables = [next(iter(each.values()))["TableName"] for each in calls[-1].params["TransactItems"]]
            written.append("AccountsTable" in tables)

    assert written == [True, False, True, False]
