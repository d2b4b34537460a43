"""Authorization codes under races, on Amazon's engine: once, and what came of it ends when it comes twice."""

from __future__ import annotations

from functools import partial

import pytest

from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.faults.network import LOST, network
from tests.stack import Answer, Stack

pytestmark = pytest.mark.engine

TOKEN = "POST /oauth/token"


def _redeem(stack: Stack, form: dict[str, str]) -> Answer:
    return stack.call(TOKEN, form=form)


def test_eight_at_once(engine_stack: Stack, race: Race) -> None:
    """One of them gets tokens, and as others came with the same code, those are good for nothing; the owner is told."""
    client = seeds.register()
    for _ in range(ROUNDS * 4):
        account = seeds.new_account()
        form = seeds.redeeming(seeds.issue_code(account, client), client)

        answers = race.run(*[partial(_redeem, engine_stack, form)] * CALLERS)

        assert outcomes(answers) == {"200": 1, "400 invalid_grant": CALLERS - 1}
        (won,) = [answer.json for answer in answers if answer.status == 200]
        assert seeds.sessions_of(account) == []
        assert seeds.events_of(account) == ["code.reused"]
        assert engine_stack.call("GET /oauth/userinfo", token=won["access_token"]).code == "access_token_invalid"


def test_thief_without_the_verifier(engine_stack: Stack, race: Race) -> None:
    """Whoever has stolen a code and cannot redeem it ends the owner's session, if they come after it, and gets nothing
    if they come before.
    """
    client = seeds.register()
    for _ in range(ROUNDS):
        account = seeds.new_account()
        form = seeds.redeeming(seeds.issue_code(account, client), client)
        stolen = {**form, "code_verifier": seeds.CHALLENGE}

        answers = race.run(
            partial(_redeem, engine_stack, form), *[partial(_redeem, engine_stack, stolen)] * (CALLERS - 1)
        )

        assert outcomes(answers[:1]) == {"200": 1}
        assert outcomes(answers[1:]) == {"400 invalid_grant": CALLERS - 1}
        living = len(seeds.sessions_of(account))
        assert seeds.events_of(account) == ["code.reused"] * (1 - living)


def test_code_and_refresh_at_once(engine_stack: Stack, race: Race) -> None:
    """No refresh brings back a session whose code has come again."""
    client = seeds.register()
    for _ in range(ROUNDS):
        account = seeds.new_account()
        form = seeds.redeeming(seeds.issue_code(account, client), client)
        held = _redeem(engine_stack, form).json
        refresh = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
        refreshing = {**refresh, "client_id": client["client_id"]}

        answers = race.run(
            *[partial(_redeem, engine_stack, refreshing)] * 4, *[partial(_redeem, engine_stack, form)] * 4
        )

        assert set(outcomes(answers[:4])) <= {"200", "400 invalid_grant"}
        assert outcomes(answers[4:]) == {"400 invalid_grant": 4}
        assert seeds.sessions_of(account) == []
        assert seeds.events_of(account) == ["code.reused"]


def test_a_lost_answer(engine_stack: Stack) -> None:
    """The engine has committed, and its answer is lost: the SDK's own retry is the same transaction, and no second use.

    Where all its answers are lost the application is told 503; its repeat is a second use, and ends the session.
    """
    client = seeds.register()
    account = seeds.new_account()
    form = seeds.redeeming(seeds.issue_code(account, client), client)
    with network("TransactWriteItems", LOST):
        answer = _redeem(engine_stack, form)
    assert answer.status == 200
    assert len(seeds.sessions_of(account)) == 1
    assert seeds.events_of(account) == []

    other = seeds.new_account()
    form = seeds.redeeming(seeds.issue_code(other, client), client)
    with network("TransactWriteItems", LOST, lasting=True):
        assert _redeem(engine_stack, form).status == 503
    assert _redeem(engine_stack, form).code == "invalid_grant"
    assert seeds.sessions_of(other) == []
    assert seeds.events_of(other) == ["code.reused"]


def test_refresh_of_an_application(engine_stack: Stack, race: Race) -> None:
    """Eight who bring the current token all get the same next one, opaque or signed."""
    for client in (seeds.register(), seeds.register(access_tokens="jwt")):
        account = seeds.new_account()
        current = seeds.issue_granted(account, client).refresh_token or ""
        for _ in range(ROUNDS // 5 + 1):
            form = {"grant_type": "refresh_token", "refresh_token": current, "client_id": client["client_id"]}

            answers = race.run(*[partial(_redeem, engine_stack, form)] * CALLERS)

            assert outcomes(answers) == {"200": CALLERS}
            successors = {(answer.json["refresh_token"], answer.json["access_token"]) for answer in answers}
            assert len(successors) == 1
            current, access = successors.pop()
            assert engine_stack.call("GET /oauth/userinfo", token=access).status == 200
