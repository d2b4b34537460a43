"""Budgets of emails on Amazon's engine: however many ask at once, no more is taken than there is."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from rekey.accounts import event_types, events, keys
from rekey.aws import store
from rekey.limits import breaker, mail_budgets
from rekey.settings import settings
from tests.engine.races import CALLERS
from tests.seeds import CALLER
from tests.stack import Clock

pytestmark = pytest.mark.engine
BUDGET, NOTICES = 20, 3


@pytest.fixture
def parameters() -> dict[str, str]:
    return {"SignUpMailBudget": str(BUDGET), "NoticeLimit": str(NOTICES)}


@pytest.mark.parametrize("parameters", [{}])
@pytest.mark.usefixtures("engine_stack")
def test_budget_of_a_mailbox() -> None:
    """Of 32 emails at once to one mailbox MailLimit are sent, and as many to all its other spellings together."""
    recipients = [f"victim{f'+{number}' if number % 2 else ''}@example.com" for number in range(32)]
    with ThreadPoolExecutor(CALLERS) as pool:
        taken = list(pool.map(mail_budgets.take_for_stranger, recipients))

    limit = settings().mail_limit
    assert Counter(taken[::2]) == Counter(taken[1::2]) == {None: limit, "mailbox_over_budget": 16 - limit}


@pytest.mark.usefixtures("engine_stack")
def test_budget_of_strangers(frozen: Clock) -> None:
    """Of 64 emails at once 20 are sent, and to each of two domains at most half; the next hour has its own budget."""
    recipients = [f"{number}@{'one' if number % 2 else 'two'}.example" for number in range(64)]
    with ThreadPoolExecutor(CALLERS) as pool:
        taken = Counter(pool.map(mail_budgets.take_for_stranger, recipients))
    assert taken[None] == BUDGET
    assert set(taken) <= {None, "over_budget", "domain_over_budget"}

    frozen.advance(3600)
    with ThreadPoolExecutor(CALLERS) as pool:
        one = Counter(pool.map(mail_budgets.take_for_stranger, [f"{n}@one.example" for n in range(16)]))
    assert one == {None: BUDGET // 2, "domain_over_budget": 16 - BUDGET // 2}


@pytest.mark.usefixtures("engine_stack")
@pytest.mark.parametrize(("kind", "most"), [(event_types.PASSWORD_CHANGED, NOTICES), (event_types.LOCKED, 1)])
def test_notices_of_an_account(kind: str, most: int) -> None:
    """Of 32 events of a kind at once as many are told as may be in an hour; of locks one."""
    detail = {"factor": "password"} if kind == event_types.LOCKED else {}
    write = events.recording(keys.account("0" * 28), kind, email="a@example.com", client=CALLER, **detail)
    event = store.from_item(write["Put"]["Item"])
    with ThreadPoolExecutor(CALLERS) as pool:
        taken = Counter(pool.map(lambda _: mail_budgets.take_for_notice("0" * 28, event), range(32)))

    assert taken == {None: most, "too_many_notices": 32 - most}


@pytest.mark.usefixtures("engine_stack")
def test_lane_closes_once() -> None:
    """Of 64 bounces told at once one closes the lane, and nothing is counted or sent after it in this hour."""
    with ThreadPoolExecutor(CALLERS) as pool:
        closed = sum(pool.map(lambda _: breaker.record_fate(bad=True), range(64)))
    row = store.get(settings().tokens_table, breaker.this_hour()) or {}

    assert closed == 1
    assert breaker.LEAST_KNOWN <= row["bad"] <= breaker.LEAST_KNOWN + CALLERS
    assert mail_budgets.take_for_stranger("a@example.com") == "lane_closed"
