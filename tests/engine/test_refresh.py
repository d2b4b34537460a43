"""Invariant 1 for refresh tokens: there is never more than one line of descent."""

from functools import partial

import pytest

from rekey.sessions import sessions
from rekey.settings import settings
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.stack import Answer, Clock, Stack

pytestmark = pytest.mark.engine


def _refresh(stack: Stack, token: str) -> Answer:
    return stack.call("POST /oauth/token", form={"grant_type": "refresh_token", "refresh_token": token})


def test_one_line_of_descent(engine_stack: Stack, race: Race) -> None:
    """Eight who bring the current token all get the same next one, and the session has moved on by one."""
    account = seeds.new_account()
    current = seeds.issue_session(account).refresh_token
    for number in range(ROUNDS):
        answers = race.run(*[partial(_refresh, engine_stack, current)] * CALLERS)

        assert outcomes(answers) == {"200": CALLERS}
        successors = {(answer.json["refresh_token"], answer.json["access_token"]) for answer in answers}
        assert len(successors) == 1
        current, access = successors.pop()
        assert [row["generation"] for row in seeds.sessions_of(account)] == [number + 1]
        assert sessions.require_session(access)
    assert seeds.events_of(account) == []


def test_reuse_ends_the_session_once(engine_stack: Stack, race: Race, frozen: Clock) -> None:
    """Eight who bring a token whose grace is over are refused; the session ends, and that is reported once."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        old = seeds.issue_session(account).refresh_token
        assert _refresh(engine_stack, old).status == 200
        frozen.advance(settings().refresh_grace + 1)

        answers = race.run(*[partial(_refresh, engine_stack, old)] * CALLERS)

        assert outcomes(answers) == {"400 invalid_grant": CALLERS}
        assert seeds.sessions_of(account) == []
        assert seeds.events_of(account) == ["refresh.reused"]


def test_thief_and_owner_at_once(engine_stack: Stack, race: Race, frozen: Clock) -> None:
    """Whoever comes first, once an old token was shown no token of the session works: no rotation brings it back."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        old = seeds.issue_session(account).refresh_token
        current = _refresh(engine_stack, old).json["refresh_token"]
        frozen.advance(settings().refresh_grace + 1)

        answers = race.run(*[partial(_refresh, engine_stack, token) for token in (old, current) for _ in range(4)])

        assert outcomes(answers[:4]) == {"400 invalid_grant": 4}
        assert set(outcomes(answers[4:])) <= {"200", "400 invalid_grant"}
        assert seeds.sessions_of(account) == []
        assert seeds.events_of(account) == ["refresh.reused"]


def test_revocation_and_refresh_at_once(engine_stack: Stack, race: Race) -> None:
    """A session revoked while it is refreshed stays revoked, and that is reported once."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        current = seeds.issue_session(account).refresh_token
        revoke = partial(engine_stack.call, "POST /oauth/revoke", form={"token": current})

        answers = race.run(*[revoke] * 4, *[partial(_refresh, engine_stack, current)] * 4)

        assert outcomes(answers[:4]) == {"200": 4}
        assert set(outcomes(answers[4:])) <= {"200", "400 invalid_grant"}
        assert seeds.sessions_of(account) == []
        assert seeds.events_of(account) == ["session.revoked"]
