"""Where two-factor sign-in is required (`RequireTotp`), whoever lacks it can set it up, and is nobody to others."""

from __future__ import annotations

from typing import Any

import pytest

from rekey import observability
from tests.actors import SERVICE, administer, authorizing
from tests.stack import SECOND_PASSWORD, Account, Answer, Stack, deployed_with, next_code

LACKING = {"isAuthorized": False, "context": {"reason": "totp_required"}}
demanding = pytest.mark.parametrize("parameters", [{"RequireTotp": "all"}])


def authorize(stack: Stack, access_token: str) -> Any:
    return stack.invoke("authorizer", authorizing(access_token))


def introspect(stack: Stack, access_token: str) -> Any:
    return stack.call("POST /oauth/introspect", form={"token": access_token}, caller=SERVICE).json


def is_let_in(stack: Stack, access_token: str) -> bool:
    """By the authorizer and by introspection, which must say the same."""
    answers = {authorize(stack, access_token)["isAuthorized"], introspect(stack, access_token)["active"]}
    assert len(answers) == 1
    return True in answers


def required(stack: Stack, account: Account) -> Any:
    return stack.call("GET /account", token=account.access_token).json["totp"]["required"]


def turn_off(stack: Stack, account: Account) -> Answer:
    return stack.call("POST /totp/disable", token=account.access_token)


@demanding
def test_nobody_to_applications(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authorizer says why to whoever keeps its log, and counts it; introspection says no more than of any token."""
    counted: list[tuple[str, str]] = []
    monkeypatch.setattr(observability, "count_outcome", lambda *outcome: counted.append(outcome))

    assert authorize(stack, account.access_token) == LACKING
    assert counted == [("authorizer", "totp_required")]
    assert introspect(stack, account.access_token) == {"active": False}


@demanding
def test_it_manages_itself(stack: Stack, account: Account) -> None:
    """It is told that it must, refreshes, changes its password, sets two-factor sign-in up, and then is let in."""
    assert required(stack, account)
    refreshed = stack.refresh(account.refresh_token).json
    account.access_token, account.refresh_token = refreshed["access_token"], refreshed["refresh_token"]
    body = {"current_password": account.password, "new_password": SECOND_PASSWORD}
    assert stack.call("POST /change", body, token=account.access_token).status == 204
    assert not is_let_in(stack, account.access_token)

    stack.enable_totp(account)

    assert is_let_in(stack, account.access_token)


@demanding
def test_it_signs_in_and_out(stack: Stack, account: Account) -> None:
    """The password is enough for the session in which it is set up, and the answer says what is next."""
    answer = stack.sign_in(account).json

    assert answer["next"] == "totp-setup"
    assert not is_let_in(stack, answer["access_token"])
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=answer["access_token"]).status == 204


def test_nothing_is_next_where_nothing_is_required(stack: Stack, account: Account) -> None:
    assert stack.sign_in(account).json["next"] is None
    assert is_let_in(stack, account.access_token)


@demanding
def test_nothing_is_next_where_it_is_on(stack: Stack, protected: Account) -> None:
    body = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}

    answer = stack.call("POST /sign-in/totp", body).json

    assert answer["next"] is None
    assert is_let_in(stack, answer["access_token"])


@demanding
def test_it_is_not_turned_off(stack: Stack, protected: Account) -> None:
    """Neither by who holds the session nor by its owner: it stays on, and nothing has happened."""
    answer = turn_off(stack, protected)

    assert (answer.status, answer.code) == (403, "totp_required")
    assert is_let_in(stack, protected.access_token)
    events = stack.call("GET /account", token=protected.access_token).json["events"]
    assert "totp.disabled" not in {event["type"] for event in events}


@demanding
def test_an_admin_clears_it(stack: Stack, protected: Account) -> None:
    """Whoever has lost the phone gets in by the password, and is nobody to applications until it is set up anew."""
    assert administer(stack, "clear-totp", {"account_id": protected.account_id}).status == 204

    answer = stack.sign_in(protected).json

    assert answer["next"] == "totp-setup"
    assert not is_let_in(stack, answer["access_token"])


def test_from_the_next_request(stack: Stack, account: Account) -> None:
    """Tokens that were given before the parameter was set count for nothing the moment it is; and count again."""
    assert is_let_in(stack, account.access_token)

    with deployed_with(REQUIRE_TOTP="all"):
        assert not is_let_in(stack, account.access_token)

    assert is_let_in(stack, account.access_token)


def test_of_new_accounts(stack: Stack, account: Account) -> None:
    """`new` means those who signed up while it, or `all`, was set: whoever was there before goes on as before."""
    with deployed_with(REQUIRE_TOTP="new"):
        newer = stack.sign_up("bob@example.com")

        assert (required(stack, account), required(stack, newer)) == (False, True)
        assert (is_let_in(stack, account.access_token), is_let_in(stack, newer.access_token)) == (True, False)
        assert stack.sign_in(account).json["next"] is None
        assert stack.sign_in(newer).json["next"] == "totp-setup"


def test_off_is_for_everybody(stack: Stack) -> None:
    """Turned off, it requires nothing of anybody; turned on again, it remembers who signed up under it."""
    with deployed_with(REQUIRE_TOTP="all"):
        newer = stack.enable_totp(stack.sign_up("bob@example.com"))
    assert not required(stack, newer)

    with deployed_with(REQUIRE_TOTP="new"):
        assert turn_off(stack, newer).code == "totp_required"

    assert turn_off(stack, newer).status == 204
    with deployed_with(REQUIRE_TOTP="new"):
        assert not is_let_in(stack, newer.access_token)
