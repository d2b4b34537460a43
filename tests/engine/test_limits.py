"""Attempts are counted before they are judged: however many guess at once, no more are judged than were left."""

from functools import partial

import pytest

from rekey.accounts import addresses, event_types, keys
from rekey.api.client import Client
from rekey.credentials import proofs
from rekey.limits import allowances, attempts, clients, mail_requests
from rekey.settings import settings
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, outcomes
from tests.stack import Answer, Stack, no_gaps

pytestmark = pytest.mark.engine
LIMIT = 5
WRONG = "Wrong-Horse-9"


@pytest.fixture
def parameters() -> dict[str, str]:
    """Every limit the same, and no gap between two mails: each test spends some of it and races for what is left."""
    limited = ("AttemptLimit", "ClientAttemptLimit", "MailLimit", "ClientMailLimit")
    return {name: str(LIMIT) for name in limited} | no_gaps()


def _ip(number: int, caller: int) -> str:
    return f"10.{number >> 8}.{number & 255}.{caller}"


def _require_judged(answers: list[Answer], left: int, refusal: str) -> None:
    expected = {refusal: left, "429 too_many_requests": CALLERS - left}
    assert outcomes(answers) == {kind: count for kind, count in expected.items() if count}


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_passwords_of_an_address(engine_stack: Stack, race: Race, *, known: bool) -> None:
    """Of eight wrong passwords as many are judged as attempts were left, and the lock is reported once."""
    for number in range(ROUNDS):
        account = seeds.new_account() if known else {"email": f"unknown{number}@example.com"}
        left = number % (LIMIT + 1)
        for _ in range(LIMIT - left):
            attempts.take_for_address(addresses.email_digest(account["email"]))
        body = {"email": account["email"], "password": WRONG}

        answers = race.run(
            *(partial(engine_stack.call, "POST /sign-in", body, ip=_ip(number, caller)) for caller in range(CALLERS))
        )

        _require_judged(answers, left, "401 invalid_credentials")
        assert seeds.events_of(seeds.address_key(account)) == ["sign_in.locked"] * bool(left)


def test_client_over_all_addresses(engine_stack: Stack, race: Race) -> None:
    """Of eight addresses one client tries at once at least as many are judged as it may fail; afterwards none is."""
    for number in range(ROUNDS):
        left, ip = number % (LIMIT + 1), _ip(number, 0)
        for _ in range(LIMIT - left):
            clients.charge(ip)
        bodies = [{"email": f"u{number}.{caller}@example.com", "password": WRONG} for caller in range(CALLERS)]

        answers = race.run(*(partial(engine_stack.call, "POST /sign-in", body, ip=ip) for body in bodies))

        judged = outcomes(answers)["401 invalid_credentials"]
        assert judged >= left if left else judged == 0
        assert engine_stack.call("POST /sign-in", bodies[0], ip=ip).status == 429


def test_passwords_of_a_session(engine_stack: Stack, race: Race) -> None:
    """Signed in, too, as many wrong current passwords are judged as attempts were left."""
    for number in range(ROUNDS):
        account, left = seeds.new_account(), number % (LIMIT + 1)
        access = seeds.issue_session(account).access_token
        (session,) = seeds.sessions_of(account)
        for _ in range(LIMIT - left):
            allowances.take(settings().tokens_table, {"pk": session["pk"], "sk": session["sk"]}, proofs.allowance())
        body = {"current_password": WRONG, "new_password": "Correct-Horse-10"}

        answers = race.run(*[partial(engine_stack.call, "POST /change", body, token=access)] * CALLERS)

        _require_judged(answers, left, "401 invalid_credentials")
        assert seeds.events_of(account) == ["session.locked"] * bool(left)


def test_codes(engine_stack: Stack, race: Race) -> None:
    """Of eight wrong codes as many are judged as attempts were left, and the lock is reported once."""
    for number in range(ROUNDS):
        account, left = seeds.new_account(), number % (LIMIT + 1)
        seeds.protect(account)
        seeds.spend_attempts(keys.account(account["account_id"]), allowances.codes(), LIMIT - left)
        body = {"challenge_token": seeds.issue_challenge(account), "code": "000000"}  # SECRET has no such code today

        answers = race.run(*[partial(engine_stack.call, "POST /sign-in/totp", body)] * CALLERS)

        _require_judged(answers, left, "401 totp_invalid")
        assert seeds.events_of(account) == ["sign_in.code_refused"] * left + ["sign_in.locked"] * bool(left)


@pytest.mark.parametrize("parameters", [{"MailLimit": str(LIMIT), **no_gaps()}])
def test_mails_to_an_address(engine_stack: Stack, race: Race) -> None:
    """Eight requests of one client for a mail are answered alike, and as many mails are owed as were left to be sent.
    What other clients asked for takes nothing away.
    """
    for number in range(ROUNDS):
        left, email = number % (LIMIT + 1), f"user{number}@example.com"
        for spent in range(LIMIT - left):
            for client in (Client(_ip(number, 0)), Client(_ip(number, 100 + spent))):
                mail_requests.record(event_types.RESET_REQUESTED, email, client, locale=None)
        before = len(seeds.events_of(seeds.address_key({"email": email})))

        asking = partial(engine_stack.call, "POST /forgot", {"email": email}, ip=_ip(number, 0))
        answers = race.run(*[asking] * CALLERS)

        _require_judged(answers, CALLERS, "202")
        assert len(seeds.events_of(seeds.address_key({"email": email}))) == before + left


def test_mails_on_one_clients_request(engine_stack: Stack, race: Race) -> None:
    """A client that asks for eight people at once is served as often as it has left; the rest owe no mail."""
    for number in range(ROUNDS):
        left, client = number % (LIMIT + 1), Client(_ip(number, 0))
        for spent in range(LIMIT - left):
            mail_requests.record(event_types.RESET_REQUESTED, f"s{spent}.{number}@example.com", client, locale=None)
        bodies = [{"email": f"u{number}.{caller}@example.com"} for caller in range(CALLERS)]

        answers = race.run(*(partial(engine_stack.call, "POST /forgot", body, ip=client.source_ip) for body in bodies))

        _require_judged(answers, left, "202")
        owed = [seeds.events_of(seeds.address_key(body)) for body in bodies]
        assert [len(each) for each in owed] == [answer.status == 202 for answer in answers]


class TestGap:
    """The least time between two requests of one client for one address."""

    @pytest.fixture
    def parameters(self) -> dict[str, str]:
        return {}  # the template's own

    def test_one_mail(self, engine_stack: Stack, race: Race) -> None:
        """Of eight requests at once, one has a mail sent."""
        for number in range(ROUNDS):
            email = f"user{number}@example.com"

            asking = partial(engine_stack.call, "POST /forgot", {"email": email}, ip=_ip(number, 0))
            answers = race.run(*[asking] * CALLERS)

            assert outcomes(answers) == {"202": CALLERS}
            assert seeds.events_of(seeds.address_key({"email": email})) == ["password.reset_requested"]
