"""The whole story, told to one stack: every function does everything it can do at least once."""

from __future__ import annotations

import os
from pathlib import Path

from local import simulator
from rekey.accounts import keys
from rekey.aws import store
from rekey.mail import lanes
from rekey.settings import settings
from rekey_admin.imports import Import, Report
from rekey_admin.incoming import Trust, judge
from rekey_admin.tables import Pool
from tests.actors import ADMIN, administer, authorizing, context
from tests.faults.network import THROTTLED, network
from tests.scenarios import applications, clients, signing_keys
from tests.scenarios.every import INVOCATIONS, SCENARIOS
from tests.scenarios.scenario import outcome, told
from tests.stack import SECOND_PASSWORD, WRONG_PASSWORD, Account, Clock, Stack, deployed_with, wrong_code


def tell(stack: Stack, frozen: Clock) -> Account:
    """Every scenario, then what they leave out; an account with two-factor sign-in on, as it is in the end."""
    _scenarios(stack)
    _sign_by_a_later_key(stack)
    account = stack.enable_totp(stack.sign_up())
    frozen.advance(60)
    assert stack.call("POST /sign-up", {"email": account.email}).status == 202
    assert not stack.invoke("authorizer", authorizing("rka_x"))["isAuthorized"]
    assert stack.invoke("feedback", simulator.sns_event("{}"))["outcomes"] == ["not_understood"]
    _sign_up_over(stack, account)
    of_stranger = simulator.fate("new@example.com", frozen.now, {"lane": ["strangers"]})
    assert stack.invoke("feedback", simulator.sns_event(of_stranger))["outcomes"] == ["ignored"]
    _wrong_proofs(stack, frozen, account)
    stack.deliver()
    _no_room(stack, frozen, account)
    _too_many_sessions(stack)
    _administration(stack)
    import_account()
    stack.deliver()
    _clean_up(stack, frozen)
    return account


def _scenarios(stack: Stack) -> None:
    """Each is done, and asked for again."""
    for scenario in SCENARIOS:
        attempt = scenario.attempt(stack)
        assert (told(attempt()), told(attempt())) == (scenario.answers, scenario.again), scenario.name
    stack.deliver()
    for invocation in INVOCATIONS:
        assert outcome(invocation.function, invocation.attempt(stack)()) == invocation.answers, invocation.name


def _sign_by_a_later_key(stack: Stack) -> None:
    """The one that the template has made has leaked."""
    signing_keys.begin_anew()
    assert signing_keys.rotate(stack, leaked=settings().signing_key).status == 200
    assert applications.redeem.attempt(stack)().status == 200


def _sign_up_over(stack: Stack, account: Account) -> None:
    """On the pages, in a browser in which somebody else is signed in: their session ends."""
    begun = {"challenge_token": stack.challenge(account), "recovery_code": account.recovery_codes[0]}
    kept = stack.call("POST /sign-in/totp", begun).json["refresh_token"]
    stack.call("POST /sign-up", {"email": "dora@example.com"})
    body = {"token": stack.mailed_token("dora@example.com"), "password": SECOND_PASSWORD}
    page, cookies = {"rekey-client": "page"}, {"__Host-rekey-refresh": kept}
    assert stack.call("POST /sign-up/complete", body, headers=page, cookies=cookies).status == 201
    assert stack.refresh(kept).code == "invalid_grant"


def _wrong_proofs(stack: Stack, frozen: Clock, account: Account) -> None:
    """Wrong passwords and codes everywhere one can be sent, up to the lock and its report."""
    other = stack.sign_up("bob@example.com")
    stack.begin_totp(other)
    change = {"current_password": WRONG_PASSWORD, "new_password": SECOND_PASSWORD}
    challenge = {"challenge_token": stack.challenge(account)}
    stack.call("POST /sign-in", {"email": "nobody@example.com", "password": WRONG_PASSWORD})
    for _ in range(int(stack.template.parameters["AttemptLimit"])):
        stack.call("POST /sign-in", {"email": account.email, "password": WRONG_PASSWORD})
        stack.call("POST /sign-in/totp", {**challenge, "code": wrong_code(account)})
        stack.call("POST /change", change, token=account.access_token)
        stack.call("POST /totp/verify", {"code": wrong_code(other)}, token=other.access_token)
    frozen.advance(int(stack.template.parameters["AttemptPeriod"]))
    wrong = {"password": account.password, "code": wrong_code(account)}
    access_token = stack.refresh(account.refresh_token).json["access_token"]
    for _ in range(int(stack.template.parameters["AttemptLimit"])):
        stack.call("POST /reauthenticate", wrong, token=access_token)
    assert stack.call("POST /totp/disable", token=access_token).code == "reauthentication_required"


def _no_room(stack: Stack, frozen: Clock, account: Account) -> None:
    """SES has no room for an owner's email and a stranger's, so they go out later."""
    frozen.advance(3600)
    stack.call("POST /forgot", {"email": account.email})
    stack.call("POST /sign-up", {"email": "erin@example.com"})
    mails = len(stack.inbox)
    with network("SendEmail", THROTTLED, lasting=True):
        stack.deliver()
    assert len(stack.inbox) == mails
    frozen.advance(lanes.LONGEST_DELAY)
    stack.send_mails()
    assert len(stack.inbox) == mails + 2


def _too_many_sessions(stack: Stack) -> None:
    """The second sign-in of accounts that may have one session, by a password and by a code."""
    other, protected = stack.sign_up("frank@example.com"), stack.enable_totp(stack.sign_up("grace@example.org"))
    begun = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    with deployed_with(SESSION_LIMIT="1"):
        assert stack.sign_in(other).status == 200
        assert stack.call("POST /sign-in/totp", begun).status == 200
    assert not stack.is_signed_in(other.access_token)
    assert not stack.is_signed_in(protected.access_token)


def _administration(stack: Stack) -> None:
    """Somebody who has much is deleted, and is looked for afterwards; so is an address that nobody registered."""
    account = stack.enable_totp(stack.sign_up("carol@example.com"))
    store.put(
        settings().accounts_table, keys.event(keys.account(account.account_id), "0" * 28)
    )  # by an earlier release
    stack.call("POST /sign-up", {"email": "dave@example.com"})
    assert administer(stack, "find", {"email": "dave@example.com"}).json["state"] == "unregistered"
    assert administer(stack, "delete", {"account_id": account.account_id}).json["finished"]
    assert administer(stack, "find", {"account_id": account.account_id}).json["state"] == "deleted"


def import_account() -> None:
    """As `rekey-admin import` does, for each row of a file."""
    with Report(Path(os.devnull)) as report, Pool() as pool:
        Import(report, pool, ADMIN, dry=False).add([judge(1, {"email": "imported@example.com"}, Trust(verified=True))])
        assert report.added == 1


def _clean_up(stack: Stack, frozen: Clock) -> None:
    """Cut short; while sessions live, some of them revoked; and when all have expired, and events of no account's."""
    now = frozen.now
    assert not stack.invoke("cleanup", {}, context(0))["finished"]
    with deployed_with(EVENT_LIFE="86400"):
        clients.add(stack)
        signing_keys.begin_anew()
        assert signing_keys.rotate(stack).status == 200
    for seconds in (60, int(stack.template.parameters["SessionLife"])):
        frozen.advance(seconds)
        assert stack.invoke("cleanup", {}, context())["finished"]
    frozen.now = now
