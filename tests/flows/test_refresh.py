"""POST /oauth/token: rotation, grace and reuse."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rekey import clock
from rekey.sessions import tokens
from tests.calls import meanwhile
from tests.stack import Account, Clock, Stack, text_of


def test_rotates(stack: Stack, account: Account) -> None:
    """Both tokens are replaced; the new ones work, and the access token before them for what is left of its life."""
    answer = stack.refresh(account.refresh_token)

    assert set(answer.json) == {"access_token", "refresh_token", "token_type", "expires_in", "refresh_expires_in"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert {answer.json["access_token"], answer.json["refresh_token"]}.isdisjoint(
        {account.access_token, account.refresh_token}
    )
    assert stack.is_signed_in(answer.json["access_token"])
    assert stack.is_signed_in(account.access_token)


def test_only_the_last_two_access_tokens(stack: Stack, account: Account) -> None:
    """The access token before the previous one ends."""
    first = stack.refresh(account.refresh_token).json

    stack.refresh(first["refresh_token"])

    assert stack.is_signed_in(first["access_token"])
    assert not stack.is_signed_in(account.access_token)


def test_repeat_within_the_grace(stack: Stack, account: Account, frozen: Clock) -> None:
    """A second tab, or a retry after a lost answer, gets the same tokens, and the line goes on."""
    first = stack.refresh(account.refresh_token).json
    frozen.advance(7)
    again = stack.refresh(account.refresh_token).json

    assert again == {**first, "expires_in": 893, "refresh_expires_in": first["refresh_expires_in"] - 7}
    assert stack.refresh(first["refresh_token"]).status == 200


@pytest.mark.parametrize("elsewhere", [{"ip": "198.51.100.9"}, {"headers": {"user-agent": "Thief/1.0"}}])
def test_a_repeat_from_elsewhere_is_reuse(
    stack: Stack, account: Account, frozen: Clock, elsewhere: dict[str, Any]
) -> None:
    """A thief who repeats each refresh within the grace would follow the owner in lockstep: the session ends."""
    owners = stack.refresh(account.refresh_token).json
    frozen.advance(1)

    thiefs = stack.call(
        "POST /oauth/token", form={"grant_type": "refresh_token", "refresh_token": account.refresh_token}, **elsewhere
    )

    assert thiefs.code == "invalid_grant"
    assert not stack.is_signed_in(owners["access_token"])
    stack.deliver()
    assert "ended" in stack.inbox[-1]["Subject"]


def test_a_session_of_an_earlier_version_may_repeat(stack: Stack, account: Account) -> None:
    """Its row does not say who refreshed it: the grace is given as it was."""
    first = stack.refresh(account.refresh_token).json
    (row,) = [each for each in stack.rows("TokensTable") if each["sk"]["S"].startswith("session#")]
    stack.restore("TokensTable", {name: value for name, value in row.items() if name != "refreshed_by"})

    again = stack.call(
        "POST /oauth/token",
        form={"grant_type": "refresh_token", "refresh_token": account.refresh_token},
        ip="198.51.100.9",
    )

    assert again.json == first


def test_two_at_once(stack: Stack, account: Account) -> None:
    """Of two requests between whose read and write the other comes, both get the same next tokens."""
    other = []
    with meanwhile("UpdateItem", lambda: other.append(stack.refresh(account.refresh_token))):
        answer = stack.refresh(account.refresh_token)

    assert answer.json == other[0].json


@pytest.mark.parametrize("generations", [2, 3, 10])
def test_an_older_token_ends_the_session(stack: Stack, account: Account, generations: int) -> None:
    """A token from further up the line, even within the grace, is in two hands: all tokens of the line end."""
    newest = account.refresh_token
    for _ in range(generations):
        answer = stack.refresh(newest).json
        newest = answer["refresh_token"]

    assert stack.refresh(account.refresh_token).code == "invalid_grant"

    assert stack.refresh(newest).code == "invalid_grant"
    assert not stack.is_signed_in(answer["access_token"])


def test_theft_is_mailed_once(stack: Stack, account: Account, frozen: Clock) -> None:
    """Its owner is told, once, and the other sessions stay."""
    other = stack.sign_in_again(account)
    stack.deliver()
    stack.refresh(account.refresh_token)
    frozen.advance(60)
    for _ in range(3):
        stack.refresh(account.refresh_token)
    before = len(stack.inbox)

    stack.deliver()

    assert [mail["Subject"] for mail in stack.inbox[before:]] == ["We ended one of your sessions"]
    assert "stolen" in text_of(stack.inbox[-1])
    assert stack.is_signed_in(other.access_token)


def test_forged_with_the_right_ids(stack: Stack, account: Account, frozen: Clock) -> None:
    """Whoever knows the ids of a session and not its secrets gets nothing, and does not end it either."""
    real = tokens.parse_token("rkr", account.refresh_token)
    assert real
    forged = tokens.issue_token("rkr", real.owner, real.token_id)
    for _ in range(3):
        account.refresh_token = stack.refresh(account.refresh_token).json["refresh_token"]
        frozen.advance(60)

        assert stack.refresh(str(forged)).code == "invalid_grant"

    assert stack.refresh(account.refresh_token).status == 200


def test_access_token_as_refresh_token(stack: Stack, account: Account) -> None:
    """An access token buys no tokens, nor does one with the other's prefix and a new checksum."""
    access = tokens.parse_token("rka", account.access_token)
    assert access
    disguised = tokens.Token("rkr", access.owner, access.token_id, access.secret)

    assert stack.refresh(account.access_token).code == "invalid_grant"
    assert stack.refresh(str(disguised)).code == "invalid_grant"
    assert stack.is_signed_in(account.access_token)


def test_refresh_token_as_access_token(stack: Stack, account: Account) -> None:
    """A refresh token opens nothing."""
    assert not stack.is_signed_in(account.refresh_token)


@pytest.mark.parametrize("parameters", [{"RefreshGrace": "0"}])
def test_no_grace(stack: Stack, account: Account, frozen: Clock) -> None:
    """Without a grace a repeat a second later ends the session."""
    newest = stack.refresh(account.refresh_token).json["refresh_token"]
    frozen.advance(1)

    assert stack.refresh(account.refresh_token).code == "invalid_grant"
    assert stack.refresh(newest).code == "invalid_grant"


@pytest.mark.parametrize("parameters", [{"RefreshGrace": "0"}])
def test_no_grace_while_the_clock_ticks(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh that takes longer than a second is still its own."""
    ticking = itertools.count(frozen.now)
    monkeypatch.setattr(clock, "now", lambda: next(ticking))

    assert stack.refresh(account.refresh_token).status == 200
