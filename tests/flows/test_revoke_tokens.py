"""POST /revoke-tokens and POST /oauth/revoke."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from local.template import ACCOUNT, REGION
from rekey.sessions import tokens
from tests.calls import recording
from tests.stack import Account, Clock, Stack, forget_caches


def revoke(stack: Stack, account: Account, **body: str) -> str:
    return stack.call("POST /revoke-tokens", body, token=account.access_token).code


def session_id(account: Account) -> str:
    token = tokens.parse_token("rka", account.access_token)
    assert token
    return token.token_id


def is_dead(stack: Stack, account: Account) -> bool:
    """Neither of a session's tokens works."""
    refused = stack.refresh(account.refresh_token).code == "invalid_grant"
    return refused and not stack.is_signed_in(account.access_token)


def test_all(stack: Stack, account: Account) -> None:
    """All sessions end at once, this one too, and a new sign-in works."""
    other = stack.sign_in_again(account)

    assert revoke(stack, account, scope="all") == ""

    assert is_dead(stack, account)
    assert is_dead(stack, other)
    assert stack.is_signed_in(stack.sign_in_again(account).access_token)


def test_others(stack: Stack, account: Account) -> None:
    """All others end; this one goes on, time after time."""
    for _ in range(2):
        others = [stack.sign_in_again(account) for _ in range(2)]
        assert revoke(stack, account, scope="others") == ""
        assert all(is_dead(stack, other) for other in others)
        assert stack.is_signed_in(account.access_token)

    assert stack.refresh(account.refresh_token).status == 200


def test_one(stack: Stack, account: Account) -> None:
    """One session ends and no other; a second time it is not there."""
    other, third = stack.sign_in_again(account), stack.sign_in_again(account)

    assert revoke(stack, account, scope="session", session_id=session_id(other)) == ""

    assert is_dead(stack, other)
    assert stack.is_signed_in(third.access_token)
    assert revoke(stack, account, scope="session", session_id=session_id(other)) == "session_not_found"


def test_own_session(stack: Stack, account: Account) -> None:
    """Signing out is ending one's own session."""
    assert revoke(stack, account, scope="session", session_id=session_id(account)) == ""
    assert is_dead(stack, account)


@pytest.mark.parametrize("odd", ["", "x", "reset", "0" * 28, "#", "\0", "é" * 10, "x" * 1200])
def test_no_such_session(stack: Stack, account: Account, odd: str) -> None:
    """Any other id is not there, whatever it looks like."""
    assert revoke(stack, account, scope="session", session_id=odd) in {"session_not_found", "validation_failed"}


def test_another_accounts_session(stack: Stack, account: Account) -> None:
    """Another account's session is simply not there."""
    bob = stack.sign_up("bob@example.com")

    assert revoke(stack, account, scope="session", session_id=session_id(bob)) == "session_not_found"
    assert stack.is_signed_in(bob.access_token)


@pytest.mark.parametrize("body", [{"scope": "session"}, {"scope": "all", "session_id": "x"}, {"scope": "none"}, {}])
def test_unclear(stack: Stack, account: Account, body: dict[str, str]) -> None:
    """What is to end must be said, once, or nothing ends."""
    assert revoke(stack, account, **body) == "validation_failed"
    assert stack.is_signed_in(account.access_token)


def copies(row: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    """The rows of so many more sessions of the same account."""
    for count in range(number):
        yield {**row, "sk": {"S": f"session#{count:028x}"}, "session_id": {"S": f"{count:028x}"}}


def test_ten_thousand(stack: Stack, account: Account) -> None:
    """Ending ten thousand sessions takes the calls and the writes that ending two takes."""
    other = stack.sign_in_again(account)
    with recording() as few:
        assert revoke(stack, account, scope="others") == ""
    row = next(row for row in stack.rows("TokensTable") if row["sk"]["S"] == f"session#{session_id(account)}")
    table = dynamodb_backends[ACCOUNT][REGION].get_table("TokensTable")
    for copy in copies(row, 10_000):
        table.put_item(copy)

    with recording() as many:
        assert revoke(stack, account, scope="others") == ""

    assert [call.shape() for call in many] == [call.shape() for call in few]
    assert is_dead(stack, other)
    assert len(stack.call("GET /account", token=account.access_token).json["sessions"]) == 1


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
def test_oauth(stack: Stack, account: Account, kind: str, hint: str | None) -> None:
    """Either token ends its session, whatever the hint says; a second time is no error."""
    form = {"token": getattr(account, kind), **({"token_type_hint": hint} if hint else {})}
    for _ in range(2):
        answer = stack.call("POST /oauth/revoke", form=form)
        assert (answer.status, answer.text) == (200, "")

    assert is_dead(stack, account)


def test_oauth_unknown(stack: Stack, account: Account) -> None:
    """An unknown token is no error (RFC 7009 §2.2) and ends nothing, nor does one with the right ids and no secret."""
    real = tokens.parse_token("rkr", account.refresh_token)
    assert real
    forged = [str(tokens.issue_token(purpose, real.owner, real.token_id)) for purpose in ("rka", "rkr", "rkc", "rkp")]

    for token in ["", "x", "rkr_x", account.access_token[:-1], *forged]:
        assert stack.call("POST /oauth/revoke", form={"token": token}).status in {200, 400}

    assert stack.is_signed_in(account.access_token)


def test_oauth_by_a_token_of_before(stack: Stack, account: Account) -> None:
    """The tokens before the last rotation still say whose session it is."""
    stack.refresh(account.refresh_token)

    stack.call("POST /oauth/revoke", form={"token": account.refresh_token})

    assert is_dead(stack, account)


def test_revoked_during_a_challenge(stack: Stack, protected: Account) -> None:
    """A sign-in that was half done when everything was revoked is not completed."""
    challenge = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    assert revoke(stack, protected, scope="all") == ""

    assert stack.call("POST /sign-in/totp", challenge).code == "challenge_invalid"


def test_sessions_of_before_a_time_are_over(
    stack: Stack, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night of a leak: `SessionsSince` ends every session that is older, wherever it is shown, and no later one."""
    frozen.advance(60)
    monkeypatch.setenv("SESSIONS_SINCE", str(frozen.now))
    forget_caches()

    assert not stack.is_signed_in(account.access_token)
    assert stack.refresh(account.refresh_token).code == "invalid_grant"
    later = stack.sign_in(account).json
    assert stack.is_signed_in(later["access_token"])
    assert stack.refresh(later["refresh_token"]).status == 200
    assert len(stack.call("GET /account", token=later["access_token"]).json["sessions"]) == 1
