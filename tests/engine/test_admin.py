"""An admin's changes against what the account does at the same moment."""

from functools import partial

import pytest

from rekey.accounts import keys
from rekey.aws import store
from rekey.settings import settings
from tests import seeds
from tests.actors import administer
from tests.engine.races import ROUNDS, Race, outcomes
from tests.engine.rows import write_rows
from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.engine


@pytest.fixture
def parameters() -> dict[str, str]:
    """Limits are not what is tested here."""
    return {"AttemptLimit": "100", "ClientAttemptLimit": "100000"}


@pytest.mark.parametrize("act", ["disable", "delete"])
def test_sign_in_meets_the_end_of_the_account(engine_stack: Stack, race: Race, act: str) -> None:
    """Whichever is first, no token that seven sign-ins got is good once the account is disabled or deleted."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        whom = {"account_id": account["account_id"]}
        sign_in = partial(engine_stack.call, "POST /sign-in", {"email": account["email"], "password": PASSWORD})

        ended, *answers = race.run(partial(administer, engine_stack, act, whom), *[sign_in] * 7)

        assert ended.status in {200, 204}, ended.text
        refused = {"403 account_disabled"} if act == "disable" else {"401 invalid_credentials"}
        assert set(outcomes(answers)) <= {"200", *refused}
        for answer in answers:
            assert answer.status != 200 or not engine_stack.is_signed_in(answer.json["access_token"])
        assert sign_in().status in {401, 403}


def test_disabling_meets_a_reset(engine_stack: Stack, race: Race) -> None:
    """Either the new password is set before, or the link is refused; disabled it is in the end, and signed out."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        token = seeds.issue_reset(account)
        reset = partial(engine_stack.call, "POST /reset", {"token": token, "new_password": "Another-Horse-10"})
        disable = partial(administer, engine_stack, "disable", {"account_id": account["account_id"]})

        disabled, answer = race.run(disable, reset)

        assert disabled.status == 204
        assert f"{answer.status} {answer.code}".strip() in {"204", "400 token_invalid"}
        now = seeds.account_now(account)
        assert "disabled_at" in now
        assert now["token_epoch"] == account["token_epoch"] + 1 + (answer.status == 204)


def test_eight_delete_one_account(engine_stack: Stack, race: Race) -> None:
    """Eight at once, with sessions to clear: each ends well or is told to try again; one event is all that is left."""
    for _ in range(max(1, ROUNDS // 5)):
        account = seeds.new_account()
        for _ in range(30):
            seeds.issue_session(account)
        call = partial(administer, engine_stack, "delete", {"account_id": account["account_id"]})

        answers = race.run(*[call] * 8)

        assert set(outcomes(answers)) <= {"200", "409 conflict"}
        assert call().json["finished"]
        assert seeds.events_of(account) == ["account.deleted"]
        assert seeds.sessions_of(account) == []
        assert store.get(settings().accounts_table, keys.account(account["account_id"])) is None


def test_ten_thousand_sessions(engine_stack: Stack) -> None:
    """An account with ten thousand sessions is gone at the first call, and all its rows after a dozen."""
    account = seeds.new_account()
    issued = seeds.issue_session(account)
    row = seeds.sessions_of(account)[0]
    many = [{**row, "sk": f"session#{number:028x}", "session_id": f"{number:028x}"} for number in range(10_000)]
    write_rows([(settings().tokens_table, each) for each in many])

    steps = [administer(engine_stack, "delete", {"account_id": account["account_id"]}).json]
    assert not engine_stack.is_signed_in(issued.access_token)
    while not steps[-1]["finished"]:
        steps.append(administer(engine_stack, "delete", {"account_id": account["account_id"]}).json)

    assert sum(step["rows"] for step in steps) == 10_001
    assert len(steps) == 11
    assert seeds.sessions_of(account) == []
