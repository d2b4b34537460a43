"""GET /account."""

import pytest

from tests.stack import Account, Answer, Clock, Stack, next_code


def look(stack: Stack, account: Account) -> Answer:
    return stack.call("GET /account", token=account.access_token)


def test_who_am_i(stack: Stack, account: Account) -> None:
    """The account, its second factor and its session. What else there is, `accounts/attributes.py` declares."""
    state = look(stack, account).json

    assert (state["account_id"], state["email"]) == (account.account_id, account.email)
    assert state["totp"] == {"enabled": False, "recovery_codes_left": 0}
    assert [(session["current"], session["client"]) for session in state["sessions"]] == [(True, "tests")]


def test_living_sessions_alone(stack: Stack, account: Account, frozen: Clock) -> None:
    """Sessions that were ended, revoked with others, or have expired are not listed, though their rows are there."""
    stack.sign_in_again(account)
    stack.call("POST /revoke-tokens", {"scope": "others"}, token=account.access_token)
    stack.sign_in_again(account)
    frozen.advance(int(stack.template.parameters["SessionIdle"]) - 1)
    latest = stack.sign_in_again(account)
    frozen.advance(1)

    sessions = look(stack, latest).json["sessions"]

    assert [session["current"] for session in sessions] == [True]
    assert sum(row["sk"]["S"].startswith("session#") for row in stack.rows("TokensTable")) == 4


def test_newest_first_and_not_too_many(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many sessions and events are listed and no more, the newest first."""
    monkeypatch.setattr("rekey.accounts.history.SHOWN_SESSIONS", 5)
    monkeypatch.setattr("rekey.accounts.history.SHOWN_EVENTS", 3)
    for _ in range(6):
        account = stack.sign_in_again(account)

    state = look(stack, account).json

    assert (len(state["sessions"]), len(state["events"])) == (5, 3)
    ids = [session["session_id"] for session in state["sessions"]]
    assert ids == sorted(ids, reverse=True)
    assert state["sessions"][0]["current"]


def test_own_events(stack: Stack, account: Account, frozen: Clock) -> None:
    """What happened to the account and what was asked of its address is listed, of others nothing."""
    bob = stack.sign_up("bob@example.com")
    frozen.advance(60)
    stack.call("POST /forgot", {"email": account.email}, ip="198.51.100.77", headers={"user-agent": "curl"})
    stack.sign_in(bob)

    events = look(stack, account).json["events"]

    assert [event["type"] for event in events] == [
        "password.reset_requested",
        "account.created",
        "sign_up.requested",
    ]
    assert (events[0]["client"], events[0]["client_address"]) == ("curl", "198.51.100.0/24")
    assert events[0]["at"] == "2027-01-15T08:02:40Z"


def test_second_factor_shows(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Two-factor sign-in and how many recovery codes are left."""
    assert look(stack, protected).json["totp"] == {"enabled": True, "recovery_codes_left": 10}
    frozen.advance(60)
    disable = {"password": protected.password, "code": next_code(protected)}

    assert stack.call("POST /totp/disable", disable, token=protected.access_token).status == 204

    assert look(stack, protected).json["totp"] == {"enabled": False, "recovery_codes_left": 0}
