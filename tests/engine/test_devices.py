"""Known devices on Amazon's own engine: their attempts, and what is given back to a stranger's, under races."""

from functools import partial

import pytest

from rekey.accounts import addresses, keys
from rekey.aws import store
from rekey.limits import known_devices
from rekey.settings import settings
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.engine
LIMIT = 5
WRONG = "Wrong-Horse-9"


@pytest.fixture
def parameters() -> dict[str, str]:
    return {"AttemptLimit": str(LIMIT), "ClientAttemptLimit": "100000"}


def test_guesses_on_a_device(engine_stack: Stack, race: Race) -> None:
    """Of eight at once as many are judged as attempts were left; the lock is reported once, and is the device's."""
    for number in range(ROUNDS):
        account, left = seeds.new_account(), number % (LIMIT + 1)
        digest, device = addresses.email_digest(account["email"]), seeds.issue_device(account)
        for _ in range(LIMIT - left):
            known_devices.take_for_password(digest, device)
        body = {"email": account["email"], "password": WRONG, "device_token": str(device)}

        answers = race.run(*[partial(engine_stack.call, "POST /sign-in", body)] * CALLERS)

        expected = {"401 invalid_credentials": left, "429 too_many_requests": CALLERS - left}
        assert outcomes(answers) == {kind: count for kind, count in expected.items() if count}
        assert seeds.events_of(account) == ["sign_in.locked"] * bool(left)
        elsewhere = {"email": account["email"], "password": PASSWORD}
        assert engine_stack.call("POST /sign-in", elsewhere).status == 200


def test_codes_on_a_device(engine_stack: Stack, race: Race) -> None:
    """The same of codes: eight at once get five guesses, and the account's own allowance is whole."""
    for _ in range(ROUNDS):
        seeds.protect(account := seeds.new_account())
        challenge = seeds.issue_challenge(account, seeds.issue_device(account))
        body = {"challenge_token": challenge, "code": "000000"}  # SECRET has no such code today

        answers = race.run(*[partial(engine_stack.call, "POST /sign-in/totp", body)] * CALLERS)

        assert outcomes(answers) == {"401 totp_invalid": LIMIT, "429 too_many_requests": CALLERS - LIMIT}
        assert not [name for name in seeds.account_now(account) if name.startswith("code_attempts_")]


def test_each_success_gives_back_its_own(engine_stack: Stack, race: Race) -> None:
    """Right passwords and wrong ones at once, in new browsers: in the end as many count as were wrong."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        bodies = [{"email": account["email"], "password": PASSWORD if n % 2 else WRONG} for n in range(CALLERS)]

        answers = race.run(*(partial(engine_stack.call, "POST /sign-in", body) for body in bodies))

        address = store.get(settings().accounts_table, seeds.address_key(account)) or {}
        counted = [value for name, value in address.items() if name.startswith("password_attempts_")]
        assert counted == [outcomes(answers)["401 invalid_credentials"]]
        listed = seeds.account_now(account).get("devices", {})
        assert len(listed) <= outcomes(answers)["200"]


def test_a_device_that_is_used_and_forgotten(engine_stack: Stack, race: Race) -> None:
    """Whoever comes first: forgotten, its row does not come back."""
    for _ in range(ROUNDS):
        device = seeds.issue_device(account := seeds.new_account())
        access = seeds.issue_access(account)
        body = {"email": account["email"], "password": PASSWORD, "device_token": str(device)}
        forget = {"device_id": device.token_id}

        used, forgotten = race.run(
            partial(engine_stack.call, "POST /sign-in", body),
            partial(engine_stack.call, "POST /devices/forget", forget, token=access),
        )

        assert forgotten.status == 204
        assert used.status in {200, 401}
        assert store.get(settings().tokens_table, keys.device(device.owner, device.token_id)) is None


def test_a_spent_link_is_spent_once_more(engine_stack: Stack, race: Race) -> None:
    """Eight sign-ins at once by one link: it is one new device's, and each other one is a stranger's at most."""
    for _ in range(ROUNDS):
        link = seeds.issue_reset(account := seeds.new_account())
        reset = {"token": link, "new_password": "Another-Horse-7"}
        assert engine_stack.call("POST /reset", reset).status == 204
        body = {"email": account["email"], "password": "Another-Horse-7", "device_token": link}

        answers = race.run(*[partial(engine_stack.call, "POST /sign-in", body)] * CALLERS)

        assert outcomes(answers)["200"]
        assert {answer.status for answer in answers} <= {200, 429}
