"""GET /account."""

import pytest

from tests.actors import administer
from tests.stack import Account, Answer, Clock, Stack, next_code


def look(stack: Stack, account: Account) -> Answer:
    return stack.call("GET /account", token=account.access_token)


def test_who_am_i(stack: Stack, account: Account) -> None:
    """The account, its second factor and its session. What else there is, `accounts/attributes.py` declares."""
    state = look(stack, account).json

    assert (state["account_id"], state["email"]) == (account.account_id, account.email)
    assert state["totp"] == {"enabled": False, "required": False, "recovery_codes_left": 0}
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

    own = [event for event in state["events"] if event["type"] != "sign_up.requested"]  # that one is of its address
    assert (len(state["sessions"]), len(own)) == (5, 3)
    ids = [session["session_id"] for session in state["sessions"]]
    assert ids == sorted(ids, reverse=True)
    assert state["sessions"][0]["current"]


def test_this_session_is_first_though_it_is_old(
    stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where so many are newer that it would not be among those listed: a person can always sign out here."""
    monkeypatch.setattr("rekey.accounts.history.SHOWN_SESSIONS", 5)
    for _ in range(6):
        stack.sign_in_again(account)

    sessions = look(stack, account).json["sessions"]

    assert [session["current"] for session in sessions] == [True, False, False, False, False]


def test_how_each_session_began(stack: Stack, protected: Account, frozen: Clock) -> None:
    """By sign-up, by password and code, by a recovery code, by the password alone; in words of RFC 8176."""
    frozen.advance(60)
    for proof in ({"code": next_code(protected)}, {"recovery_code": protected.recovery_codes[0]}):
        assert stack.call("POST /sign-in/totp", {"challenge_token": stack.challenge(protected), **proof}).status == 200
    assert administer(stack, "clear-totp", {"account_id": protected.account_id}).status == 204
    latest = stack.sign_in_again(protected)
    rows = [row for row in stack.rows("TokensTable") if row["sk"]["S"].startswith("session#")]
    epoch = max(rows, key=lambda row: row["session_id"]["S"])["epoch"]
    for row in rows:
        stack.restore("TokensTable", {**row, "epoch": epoch})

    sessions = look(stack, latest).json["sessions"]

    assert [session["amr"] for session in sessions] == [
        ["pwd"],
        ["pwd", "recovery"],
        ["pwd", "otp"],
        ["pwd", "otp"],  # began with sign-up, and proved a code when two-factor sign-in was turned on
    ]
    assert look(stack, stack.sign_up("bob@example.com")).json["sessions"][0]["amr"] == ["pwd", "sign-up"]
    for row in rows:
        stack.restore(
            "TokensTable", {name: value for name, value in row.items() if name != "method"} | {"epoch": epoch}
        )
    assert [session["amr"] for session in look(stack, latest).json["sessions"]] == [[]] * 4


def test_where_the_question_comes_from(stack: Stack, account: Account) -> None:
    """The network of this request, in the form that events have."""
    told = stack.call("GET /account", token=account.access_token, ip="203.0.113.9").json

    assert told["client_address"] == "203.0.113.0/24"


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


@pytest.mark.parametrize(
    ("user_agent", "program"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox, Windows"),
        ("Your account is locked, call 555-0100", ""),
        ("", ""),
    ],
)
def test_programs_have_names_of_ours(stack: Stack, account: Account, user_agent: str, program: str) -> None:
    """What a session or an event was made with is told in the words that mails have for it, or in none."""
    body = {"email": account.email, "password": account.password}
    made = stack.call("POST /sign-in", body, headers={"user-agent": user_agent}).json
    stack.call("POST /forgot", {"email": account.email}, headers={"user-agent": user_agent})

    told = stack.call("GET /account", token=made["access_token"]).json
    of_admin = administer(stack, "find", {"email": account.email}).json

    assert told["sessions"][0]["program"] == of_admin["sessions"][0]["program"] == program
    assert [each["program"] for each in told["events"][:2]] == [program] * 2
    assert [each["program"] for each in of_admin["events"][:2]] == [program] * 2


def test_second_factor_shows(stack: Stack, protected: Account) -> None:
    """Two-factor sign-in and how many recovery codes are left."""
    assert look(stack, protected).json["totp"] == {"enabled": True, "required": False, "recovery_codes_left": 10}

    assert stack.call("POST /totp/disable", token=protected.access_token).status == 204

    assert look(stack, protected).json["totp"] == {"enabled": False, "required": False, "recovery_codes_left": 0}
