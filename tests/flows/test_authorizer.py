"""The Lambda authorizer of the team's other APIs."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from rekey.aws import sdk
from rekey.sessions import tokens
from tests.actors import authorizing
from tests.calls import recording
from tests.stack import Account, Clock, Stack

INVALID = {"isAuthorized": False, "context": {"reason": "access_token_invalid"}}


def ask(stack: Stack, access_token: str) -> dict[str, Any]:
    answer = stack.invoke("authorizer", authorizing(access_token))
    assert isinstance(answer, dict)
    return answer


def test_yes(stack: Stack, account: Account, frozen: Clock) -> None:
    """A living access token is let in, and the API is told whose it is and how the sign-in was."""
    answer = ask(stack, account.access_token)

    assert answer["isAuthorized"] is True
    assert answer["context"]["account_id"] == account.account_id
    assert answer["context"]["authenticated_at"] == frozen.now
    assert answer["context"]["method"] == "pwd sign-up"


def test_method(stack: Stack, protected: Account) -> None:
    """It says with what second factor somebody signed in."""
    body = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    signed_in = stack.call("POST /sign-in/totp", body).json

    assert ask(stack, signed_in["access_token"])["context"]["method"] == "pwd recovery"


def test_no_after_revoking(stack: Stack, account: Account) -> None:
    """What was revoked is refused on the very next request."""
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)

    assert ask(stack, account.access_token) == INVALID


def test_no_for_other_tokens(stack: Stack, protected: Account) -> None:
    """Refresh tokens, challenges and forged tokens are refused."""
    real = tokens.parse_token("rka", protected.access_token)
    assert real
    forged = str(tokens.issue_token("rka", real.owner, real.token_id))

    for token in (protected.refresh_token, stack.challenge(protected), forged):
        assert ask(stack, token) == INVALID


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Basic YTpi"},
        {"authorization": "rka_"},
        {"authorization": "Bearer \ud800"},
        {"authorization": "Bearer " + "x" * 8000},
        {"authorization": "Bearer a,Bearer b"},
        {"authorization": "\0"},
    ],
)
def test_garbage(stack: Stack, headers: dict[str, str]) -> None:
    """Garbage is refused, without an exception and without asking the database."""
    with recording() as calls:
        answer = stack.invoke("authorizer", {"version": "2.0", "type": "REQUEST", "headers": headers})

    assert answer == INVALID
    assert calls == []


@pytest.mark.usefixtures("stack")
def test_no_headers_at_all(stack: Stack) -> None:
    """A request without headers is refused."""
    assert stack.invoke("authorizer", {"version": "2.0", "type": "REQUEST"}) == INVALID


def test_fails_closed(stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the tables do not answer nobody is let in: API Gateway makes a 500 of the exception, and it is counted."""

    def failing(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "BatchGetItem")

    monkeypatch.setattr(sdk.dynamodb(), "batch_get_item", failing)

    counted: list[tuple[str, str]] = []
    monkeypatch.setattr("rekey.observability.count_outcome", lambda *outcome: counted.append(outcome))

    with pytest.raises(ClientError):
        ask(stack, account.access_token)
    assert counted == [("authorizer", "fault")]
