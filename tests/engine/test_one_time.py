"""Invariant 1: a one-time thing is accepted at most once, however many present it at the same time."""

from collections.abc import Callable
from functools import partial

import pytest

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.credentials import passwords, recovery_codes, totp
from rekey.settings import settings
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes, require_one_winner
from tests.stack import PASSWORD, Answer, Stack

pytestmark = pytest.mark.engine


@pytest.fixture
def parameters() -> dict[str, str]:
    """Limits are not what is tested here."""
    return {"AttemptLimit": "100"}


def test_reset_link(engine_stack: Stack, race: Race) -> None:
    """Of eight who bring one reset link, one sets the password; password, epoch and event are that one's."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        token = seeds.issue_reset(account)
        wanted = [f"Correct-Horse-{caller}" for caller in range(CALLERS)]

        answers = race.run(
            *(partial(engine_stack.call, "POST /reset", {"token": token, "new_password": each}) for each in wanted)
        )

        winner = require_one_winner(answers, "204", "400 token_invalid")
        now = seeds.account_now(account)
        assert passwords.matches(now["password_hash"], wanted[winner])
        assert now["token_epoch"] == account["token_epoch"] + 1
        assert seeds.events_of(account) == ["password.reset"]
        assert store.get(settings().tokens_table, keys.reset(account["account_id"])) is None


def test_sign_up_link(engine_stack: Stack, race: Race) -> None:
    """Of eight who bring one sign-up link, one makes the account: one address, one account, one session, one event."""
    for number in range(ROUNDS):
        token = seeds.issue_sign_up(email := f"user{number}@example.com")
        wanted = [f"Correct-Horse-{caller}" for caller in range(CALLERS)]

        answers = race.run(
            *(partial(engine_stack.call, "POST /sign-up/complete", {"token": token, "password": p}) for p in wanted)
        )

        winner = require_one_winner(answers, "201", "400 token_invalid")
        account_id = answers[winner].json["account_id"]
        address = store.get(settings().accounts_table, keys.address(addresses.email_digest(email)))
        assert address
        assert address["account_id"] == account_id
        account = seeds.account_now(address)
        assert passwords.matches(account["password_hash"], wanted[winner])
        assert seeds.events_of(account) == ["account.created"]
        assert len(seeds.sessions_of(account)) == 1
    rows = engine_stack.rows(settings().accounts_table)
    assert sum(row["sk"]["S"] == "account" for row in rows) == ROUNDS


def test_email_link(engine_stack: Stack, race: Race) -> None:
    """Of eight who bring one link that proves an address, one is told so, and there is one event."""
    for _ in range(ROUNDS):
        token = seeds.issue_email_verification(account := seeds.new_account())

        answers = race.run(*[partial(engine_stack.call, "POST /email/verify/complete", {"token": token})] * CALLERS)

        require_one_winner(answers, "204", "400 token_invalid")
        assert seeds.events_of(account) == ["email.verified"]


def test_code_at_eight_challenges(engine_stack: Stack, race: Race) -> None:
    """A TOTP code is good once, whichever of eight sign-ins under way it is brought to."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        seeds.protect(account)
        challenges = [seeds.issue_challenge(account) for _ in range(CALLERS)]

        answers = race.run(*(partial(_sign_in, engine_stack, each, code=seeds.code()) for each in challenges))

        require_one_winner(answers, "200", "401 totp_used")
        assert seeds.account_now(account)["totp_last_step"] == clock.now() // totp.STEP
        _require_one_sign_in(account)


def test_one_challenge(engine_stack: Stack, race: Race) -> None:
    """A challenge is good once, for eight who answer it with the right code."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        seeds.protect(account)
        challenge = seeds.issue_challenge(account)

        answers = race.run(*[partial(_sign_in, engine_stack, challenge, code=seeds.code())] * CALLERS)

        require_one_winner(answers, "200", "401 totp_used", "401 challenge_invalid")
        _require_one_sign_in(account)


def test_one_challenge_with_eight_recovery_codes(engine_stack: Stack, race: Race) -> None:
    """A challenge answered with eight right codes signs in once and spends one of them."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        codes = seeds.protect(account)[:CALLERS]
        challenge = seeds.issue_challenge(account)

        answers = race.run(*(partial(_sign_in, engine_stack, challenge, recovery_code=code) for code in codes))

        require_one_winner(answers, "200", "401 challenge_invalid")
        assert len(seeds.account_now(account)["recovery_codes"]) == 9
        _require_one_sign_in(account, "recovery_code.used")


def test_recovery_code_at_eight_challenges(engine_stack: Stack, race: Race) -> None:
    """A recovery code is good once, whichever of eight sign-ins under way it is brought to, and is reported once."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        code = seeds.protect(account)[0]
        challenges = [seeds.issue_challenge(account) for _ in range(CALLERS)]

        answers = race.run(*(partial(_sign_in, engine_stack, each, recovery_code=code) for each in challenges))

        require_one_winner(answers, "200", "401 recovery_code_invalid")
        assert len(seeds.account_now(account)["recovery_codes"]) == 9
        _require_one_sign_in(account, "recovery_code.used")


def test_enrolment(engine_stack: Stack, race: Race) -> None:
    """Of eight first codes, one turns two-factor sign-in on: the recovery codes shown are those that are kept."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        access = seeds.issue_session(account).access_token
        seeds.begin_enrolment(account)

        answers = race.run(
            *[partial(engine_stack.call, "POST /totp/verify", {"code": seeds.code()}, token=access)] * CALLERS
        )

        # A session that moves to the next epoch is read beside its account: for a moment one of the two is newer.
        late = ("409 enrolment_not_found", "409 totp_already_enabled", "401 access_token_invalid")
        winner = require_one_winner(answers, "200", *late)
        shown = answers[winner].json["recovery_codes"]
        digests = {recovery_codes.digest(account["account_id"], code) for code in shown}
        assert seeds.account_now(account)["recovery_codes"] == digests
        assert seeds.events_of(account) == ["totp.enabled"]


@pytest.mark.parametrize("proof", ["code", "recovery_code"])
def test_proof_of_who_is_there(engine_stack: Stack, race: Race, proof: str) -> None:
    """Of eight sessions that one code is to prove, one is proven."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        old = seeds.protect(account)
        sent = {"code": seeds.code()} if proof == "code" else {"recovery_code": old[0]}
        body = {"password": PASSWORD, **sent}
        tokens = [seeds.issue_access(account) for _ in range(CALLERS)]

        answers = race.run(*(partial(engine_stack.call, "POST /reauthenticate", body, token=each) for each in tokens))

        require_one_winner(answers, "204", "401 totp_used", "401 recovery_code_invalid")
        proven = [row for row in seeds.sessions_of(account) if row["method"] != "pwd"]
        assert len(proven) == 1


def test_new_recovery_codes(engine_stack: Stack, race: Race) -> None:
    """Of eight who make new recovery codes at once, the codes kept are all of one answer's."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        seeds.protect(account)

        answers = race.run(*[_replacing(engine_stack, account)] * CALLERS)

        assert set(outcomes(answers)) <= {"200", "409 conflict"}
        kept = seeds.account_now(account)["recovery_codes"]
        shown = [answer.json["recovery_codes"] for answer in answers if answer.status == 200]
        assert kept in [recovery_codes.digests(account["account_id"], each) for each in shown]


def test_old_recovery_codes_while_they_are_replaced(engine_stack: Stack, race: Race) -> None:
    """An old code signs in before the new ones are made or not at all; and takes none of the new ones away."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        old = seeds.protect(account)[: CALLERS - 1]
        challenges = [seeds.issue_challenge(account) for _ in old]
        signing_in = [
            partial(_sign_in, engine_stack, challenge, recovery_code=code)
            for challenge, code in zip(challenges, old, strict=True)
        ]

        replaced, *answers = race.run(_replacing(engine_stack, account), *signing_in)

        assert replaced.status == 200
        shown = replaced.json["recovery_codes"]
        kept = seeds.account_now(account)["recovery_codes"]
        assert kept == recovery_codes.digests(account["account_id"], shown)
        assert set(outcomes(answers)) <= {"200", "401 recovery_code_invalid"}
        late = [_sign_in(engine_stack, seeds.issue_challenge(account), recovery_code=code) for code in old]
        assert outcomes(late) == {"401 recovery_code_invalid": len(old)}


def _replacing(stack: Stack, account: Row) -> Callable[[], Answer]:
    return partial(stack.call, "POST /totp/recovery-codes", token=seeds.issue_access(account, "pwd otp"))


def _sign_in(stack: Stack, challenge: str, **proof: str) -> Answer:
    return stack.call("POST /sign-in/totp", {"challenge_token": challenge, **proof})


def _require_one_sign_in(account: Row, *also: str) -> None:
    assert len(seeds.sessions_of(account)) == 1
    told = [kind for kind in seeds.events_of(account) if kind != "sign_in.code_refused"]  # of those that came later
    assert told == sorted(["sign_in.succeeded", *also])
