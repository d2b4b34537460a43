"""`SessionLimit` on Amazon's own engine: sign-ins that meet end the same sessions, and none keeps another out."""

from __future__ import annotations

from functools import partial

import pytest

from rekey.sessions import session_limit
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.stack import PASSWORD, Answer, Clock, Stack

pytestmark = pytest.mark.engine
LIMIT = 2


@pytest.fixture
def parameters() -> dict[str, str]:
    return {"SessionLimit": str(LIMIT), "ClientAttemptLimit": "10000"}


def _sign_in(stack: Stack, email: str) -> Answer:
    return stack.call("POST /sign-in", {"email": email, "password": PASSWORD})


def test_sign_ins_at_once(engine_stack: Stack, race: Race, frozen: Clock) -> None:
    """All get in. They may miss each other, and whatever is over the limit then is over at the next sign-in."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        for _session in range(LIMIT):
            seeds.issue_session(account)

        answers = race.run(*[partial(_sign_in, engine_stack, account["email"])] * (CALLERS // 2))

        assert outcomes(answers) == {"200": CALLERS // 2}
        frozen.advance(1)
        assert _sign_in(engine_stack, account["email"]).status == 200
        assert len(seeds.sessions_of(account)) == LIMIT


def test_as_many_as_a_transaction_takes(engine_stack: Stack, frozen: Clock) -> None:
    """The engine takes the largest transaction there can be."""
    account = seeds.new_account()
    for _ in range(session_limit.MOST + LIMIT):
        seeds.issue_session(account)
    frozen.advance(1)

    assert _sign_in(engine_stack, account["email"]).status == 200

    assert len(seeds.sessions_of(account)) == LIMIT + 1
    assert seeds.events_of(account) == ["session.displaced"] * session_limit.MOST + ["sign_in.succeeded"]
