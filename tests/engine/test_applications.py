"""Applications on Amazon's own engine: codes, connections and what ends them, under races."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings
from tests import seeds
from tests.applications import AUTHORIZE, own, spa
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.scenarios.authorize import allowing, asking
from tests.stack import Stack

pytestmark = pytest.mark.engine
WITHDRAW = "POST /applications/withdraw"


def connections(account: Row) -> dict[str, Any]:
    found: dict[str, Any] = seeds.account_now(account).get("applications", {})
    return found


def codes(account: Row) -> list[Row]:
    return store.query(settings().tokens_table, keys.account(account["account_id"])["pk"], "code#", limit=100)


def test_one_application_from_eight_tabs(engine_stack: Stack, race: Race) -> None:
    """As many codes as were answered, all of one connection, which is recorded once."""
    client = spa(engine_stack)
    for _ in range(ROUNDS):
        token = seeds.issue_access(account := seeds.new_account())

        answers = race.run(*[partial(engine_stack.call, AUTHORIZE, allowing(client), token=token)] * CALLERS)

        seen = outcomes(answers)
        assert seen["200"], seen
        assert set(seen) <= {"200", "409 conflict"}, seen
        assert len(codes(account)) == seen["200"]
        assert {row["connection"] for row in codes(account)} == {
            connections(account)[client["client_id"]]["connection"]
        }
        assert seeds.events_of(account) == ["application.connected"]


def test_eight_applications_at_once(engine_stack: Stack, race: Race) -> None:
    """No connection is lost that was answered, and none is made that was refused."""
    clients = [own(engine_stack) for _ in range(CALLERS)]
    for _ in range(ROUNDS):
        token = seeds.issue_access(account := seeds.new_account())

        answers = race.run(*(partial(engine_stack.call, AUTHORIZE, asking(each), token=token) for each in clients))

        let_in = {each["client_id"] for each, answer in zip(clients, answers, strict=True) if answer.status == 200}
        assert let_in
        assert set(outcomes(answers)) <= {"200", "409 conflict"}
        assert connections(account).keys() == let_in == {row["client_id"] for row in codes(account)}
        assert seeds.events_of(account) == ["application.connected"] * len(let_in)


def test_codes_while_it_is_withdrawn(engine_stack: Stack, race: Race) -> None:
    """Who is let in before has a code of a connection that is no more; who comes after is asked for consent."""
    client = spa(engine_stack)
    withdrawal = {"client_id": client["client_id"]}
    for _ in range(ROUNDS):
        token = seeds.issue_access(account := seeds.new_account())
        assert engine_stack.call(AUTHORIZE, allowing(client), token=token).status == 200

        withdrawn, *asked = race.run(
            partial(engine_stack.call, WITHDRAW, withdrawal, token=token),
            *[partial(engine_stack.call, AUTHORIZE, asking(client), token=token)] * (CALLERS - 1),
        )

        assert withdrawn.status == 204
        seen = outcomes(asked)
        assert set(seen) <= {"200", "403 consent_required", "409 conflict"}, seen
        assert len(codes(account)) == 1 + seen["200"]
        assert connections(account) == {}


def test_codes_while_the_session_ends(engine_stack: Stack, race: Race) -> None:
    """By a sign-out of this session, or of all: a code, a connection and its event are there together, or none is."""
    client = spa(engine_stack)
    for number in range(ROUNDS):
        made = seeds.issue_session(account := seeds.new_account())
        token = made.access_token
        sign_out = partial(engine_stack.call, "POST /oauth/revoke", form={"token": made.refresh_token})
        everywhere = partial(engine_stack.call, "POST /revoke-tokens", {"scope": "all"}, token=token)

        ended, *asked = race.run(
            everywhere if number % 2 else sign_out,
            *[partial(engine_stack.call, AUTHORIZE, allowing(client), token=token)] * (CALLERS - 1),
        )

        assert ended.status in {200, 204}
        seen = outcomes(asked)
        assert set(seen) <= {"200", "401 access_token_invalid", "409 conflict"}, seen
        assert len(codes(account)) == seen["200"]
        assert seeds.events_of(account).count("application.connected") == len(connections(account)) == bool(seen["200"])
        assert engine_stack.call(AUTHORIZE, asking(client), token=token).status == 401
