"""What holds when sessions and passwords change between another request's read and its write.

Each test says what an attacker would gain by that moment.
"""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest

from rekey import clock
from rekey.credentials import passwords
from tests.calls import meanwhile
from tests.scenarios.every import SCENARIOS
from tests.scenarios.scenario import Scenario
from tests.stack import SECOND_PASSWORD, THIRD_PASSWORD, Account, Answer, Stack

NEW = SECOND_PASSWORD


def change(stack: Stack, account: Account) -> Answer:
    body = {"current_password": account.password, "new_password": NEW}
    return stack.call("POST /change", body, token=account.access_token)


def revoke(stack: Stack, account: Account, scope: str) -> Answer:
    return stack.call("POST /revoke-tokens", {"scope": scope}, token=account.access_token)


def revoke_others(stack: Stack, account: Account) -> Answer:
    return revoke(stack, account, "others")


def sign_out(stack: Stack, account: Account) -> Answer:
    return stack.call("POST /oauth/revoke", form={"token": account.refresh_token})


def sessions_of(stack: Stack) -> list[str]:
    """The keys of all sessions there are, living or not."""
    return [row["sk"]["S"] for row in stack.rows("TokensTable") if row["sk"]["S"].startswith("session#")]


def test_change_revives_no_session(stack: Stack, account: Account) -> None:
    """A thief's session, revoked, would live again if a change counted the epoch back to it."""
    thief = stack.sign_in_again(account)
    assert revoke_others(stack, account).status == 204

    assert change(stack, account).status == 204

    assert stack.is_signed_in(account.access_token)
    assert not stack.is_signed_in(thief.access_token)
    assert stack.refresh(thief.refresh_token).code == "invalid_grant"


def test_change_replaces_the_password_that_was_proven(stack: Stack, account: Account) -> None:
    """Who knows a password that is the account's no more would set the next one. Here an operator puts another back
    from a backup at that moment, and no epoch rises that would tell.
    """
    (row,) = [row for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account"]
    restored = row | {"password_hash": {"S": passwords.hash_password(THIRD_PASSWORD)}}

    with meanwhile("TransactWriteItems", lambda: stack.restore("AccountsTable", restored)):
        assert change(stack, account).code == "conflict"

    account.password = THIRD_PASSWORD
    assert stack.sign_in(account).status == 200


@pytest.mark.parametrize("act", [change, revoke_others])
def test_a_session_that_ends_meanwhile_is_not_kept(
    stack: Stack, account: Account, act: Callable[[Stack, Account], Answer]
) -> None:
    """A stolen session that its owner ends at that moment would still sign the owner out, or change the password; and
    a part of its row would be written anew, to stay for ever.
    """
    owner = stack.sign_in_again(account)

    with meanwhile("TransactWriteItems", lambda: sign_out(stack, account)):
        assert act(stack, account).code == "conflict"

    assert stack.is_signed_in(owner.access_token)
    assert stack.sign_in(account).status == 200
    assert len(sessions_of(stack)) == 2


def test_refresh_of_a_session_that_ends_meanwhile(stack: Stack, account: Account) -> None:
    """Whoever refreshes a session that its owner ends at that moment would have it back, or cause a fault."""
    with meanwhile("UpdateItem", lambda: sign_out(stack, account)):
        refused = stack.refresh(account.refresh_token)

    assert (refused.status, refused.code) == (400, "invalid_grant")
    assert sessions_of(stack) == []


def test_refresh_while_all_is_revoked(stack: Stack, account: Account) -> None:
    """A thief who refreshes while the owner revokes everything would carry the session over."""
    owner = stack.sign_in_again(account)

    with meanwhile("UpdateItem", lambda: revoke(stack, owner, "all")):
        answer = stack.refresh(account.refresh_token).json

    assert not stack.is_signed_in(answer["access_token"])
    assert stack.refresh(answer["refresh_token"]).code == "invalid_grant"


def test_refresh_by_a_token_that_two_others_follow(stack: Stack, account: Account) -> None:
    """Who has stolen a token would bring the line back to it while its owner goes on, and hold the session alone."""
    line = [account.refresh_token]

    def go_on() -> None:
        for _ in range(2):
            line.append(stack.refresh(line[-1]).json["refresh_token"])

    with meanwhile("UpdateItem", go_on):
        assert stack.refresh(account.refresh_token).code == "invalid_grant"

    assert [stack.refresh(token).code for token in line] == ["invalid_grant"] * 3
    assert sessions_of(stack) == []


def test_a_stolen_token_twice_at_once(stack: Stack, account: Account) -> None:
    """Whoever shows an old token twice at once would cause a fault, or have the theft reported over and over."""
    newer = stack.refresh(account.refresh_token).json["refresh_token"]
    stack.refresh(newer)
    stack.deliver()
    before = len(stack.inbox)

    with meanwhile("TransactWriteItems", lambda: stack.refresh(account.refresh_token)):
        assert stack.refresh(account.refresh_token).code == "invalid_grant"

    stack.deliver()
    assert len(stack.inbox) == before + 1


def test_sign_out_twice_at_once(stack: Stack, account: Account) -> None:
    """A session that ended meanwhile is no fault (RFC 7009 §2.2), and its end is recorded once."""
    watching = stack.sign_in_again(account)

    with meanwhile("TransactWriteItems", lambda: sign_out(stack, account)):
        answer = sign_out(stack, account)

    assert (answer.status, answer.text) == (200, "")
    events = stack.call("GET /account", token=watching.access_token).json["events"]
    assert [event["type"] for event in events].count("session.revoked") == 1


@pytest.mark.parametrize(
    "scenario",
    [each for each in SCENARIOS if each.calls.startswith("BatchGetItem") and each.calls.endswith("TransactWriteItems")],
    ids=lambda scenario: scenario.name,
)
def test_an_account_that_is_deleted_meanwhile_is_refused_by_name(stack: Stack, scenario: Scenario) -> None:
    """Whatever is written together for an account that has just gone is refused, and is no fault of ours."""
    attempt = scenario.attempt(stack)

    def delete() -> None:
        for row in stack.rows("AccountsTable"):
            if row["sk"] == {"S": "account"}:
                boto3.client("dynamodb").delete_item(
                    TableName="AccountsTable", Key={key: row[key] for key in ("pk", "sk")}
                )

    with meanwhile("TransactWriteItems", delete):
        answer = attempt()

    assert answer.code != "internal_error", f"{scenario.route}: catch ConditionFailedError, and refuse by name"


def _disable(stack: Stack, account: Account) -> Answer:
    return stack.call("POST /totp/disable", token=account.access_token)


def _replace_codes(stack: Stack, account: Account) -> Answer:
    return stack.call("POST /totp/recovery-codes", token=account.access_token)


def _prove(stack: Stack, account: Account) -> Answer:
    return stack.reauthenticate(account, recovery_code=account.recovery_codes[0])


@pytest.mark.parametrize("act", [_disable, _replace_codes, _prove])
@pytest.mark.parametrize("end", ["one", "all"])
def test_the_second_factor_of_a_session_that_ends_meanwhile(
    stack: Stack, protected: Account, act: Callable[[Stack, Account], Answer], end: str
) -> None:
    """A thief who knows the password and a code would still turn the factor off, or take new codes, with a session that
    its owner ends at that moment, by itself or with all.
    """

    def end_it() -> None:
        ended = sign_out(stack, protected) if end == "one" else revoke(stack, protected, "all")
        assert ended.status in {200, 204}

    with meanwhile("TransactWriteItems", end_it):
        assert act(stack, protected).status in {401, 409}

    assert stack.sign_in(protected).json["challenge"] == "totp"
    kept = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    assert stack.call("POST /sign-in/totp", kept).status == 200


@pytest.mark.parametrize("end", ["one", "all"])
def test_set_up_by_a_session_that_ends_meanwhile(stack: Stack, account: Account, end: str) -> None:
    """A thief would turn on a second factor that is theirs, at the moment in which the owner ends the session."""
    stack.begin_totp(account)
    assert account.totp

    def end_it() -> None:
        assert (sign_out(stack, account) if end == "one" else revoke(stack, account, "all")).status in {200, 204}

    body = {"code": account.totp.at(clock.now())}
    with meanwhile("TransactWriteItems", end_it):
        assert stack.call("POST /totp/verify", body, token=account.access_token).status in {401, 409}

    assert "challenge" not in stack.sign_in(account).json
