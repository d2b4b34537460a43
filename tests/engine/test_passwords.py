"""Invariant 2: a password changes only together with the end of the sessions it ends and the event that reports it."""

from functools import partial

import pytest
from argon2 import PasswordHasher, Type

from rekey.aws import store
from rekey.credentials import passwords
from rekey.settings import settings
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.engine
OUTDATED = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1, hash_len=4, salt_len=8, type=Type.ID)


@pytest.fixture
def parameters() -> dict[str, str]:
    """Limits are not what is tested here."""
    return {"AttemptLimit": "100", "ClientAttemptLimit": "100000"}


def test_resets_and_changes_at_once(engine_stack: Stack, race: Race) -> None:
    """The hash left is that of a request that succeeded, and there are as many epochs and events as successes."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        link, accesses = seeds.issue_reset(account), [seeds.issue_session(account).access_token for _ in range(4)]
        wanted = [f"Correct-Horse-{caller}" for caller in range(10, 10 + CALLERS)]

        answers = race.run(
            *(
                partial(engine_stack.call, "POST /reset", {"token": link, "new_password": password})
                for password in wanted[:4]
            ),
            *(
                partial(engine_stack.call, "POST /change", _change_to(password), token=access)
                for password, access in zip(wanted[4:], accesses, strict=True)
            ),
        )

        assert set(outcomes(answers[:4])) <= {"204", "400 token_invalid"}
        assert set(outcomes(answers[4:])) <= {
            "204",
            "401 invalid_credentials",
            "401 access_token_invalid",
            "409 conflict",
        }
        done = [password for password, answer in zip(wanted, answers, strict=True) if answer.status == 204]
        now = seeds.account_now(account)
        assert any(passwords.matches(now["password_hash"], password) for password in done)
        assert now["token_epoch"] - account["token_epoch"] == len(done) == len(seeds.events_of(account))
        assert outcomes(answers[:4])["204"] == seeds.events_of(account).count("password.reset") <= 1


def test_sign_ins_and_changes_at_once(engine_stack: Stack, race: Race) -> None:
    """No sign-in by the old password outlives a change, nor does its re-hashing undo one."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        account["password_hash"] = OUTDATED.hash(PASSWORD)
        store.put(settings().accounts_table, account)
        accesses = [seeds.issue_session(account).access_token for _ in range(2)]
        sign_in = partial(engine_stack.call, "POST /sign-in", {"email": account["email"], "password": PASSWORD})
        changes = [
            partial(engine_stack.call, "POST /change", _change_to(f"Correct-Horse-1{n}"), token=access)
            for n, access in enumerate(accesses)
        ]

        answers = race.run(*changes, *[sign_in] * 6)

        assert set(outcomes(answers[:2])) <= {
            "204",
            "401 invalid_credentials",
            "401 access_token_invalid",
            "409 conflict",
        }
        assert set(outcomes(answers[2:])) <= {"200", "401 invalid_credentials"}
        changed = [n for n in range(2) if answers[n].status == 204]
        now = seeds.account_now(account)
        assert now["token_epoch"] - account["token_epoch"] == len(changed)
        assert seeds.events_of(account).count("password.changed") == len(changed)
        if changed:
            assert any(passwords.matches(now["password_hash"], f"Correct-Horse-1{n}") for n in changed)
            living = [row for row in seeds.sessions_of(account) if row["epoch"] == now["token_epoch"]]
            assert len(living) == 1
        else:
            assert passwords.matches(now["password_hash"], PASSWORD)


def _change_to(password: str) -> dict[str, str]:
    return {"current_password": PASSWORD, "new_password": password}
