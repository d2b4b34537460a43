"""Emailed links on Amazon's engine: how many are made for requests that come at once, and how many of them are used."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from rekey import clock, ids
from rekey.accounts import keys
from rekey.accounts.event_types import RESET_REQUESTED
from rekey.aws import store
from rekey.aws.store import Row
from rekey.mail import link_issuer
from rekey.mail.link_issuer import LinkIsFreshError
from rekey.sessions import links, tokens
from rekey.settings import settings
from tests import seeds
from tests.engine.races import CALLERS, ROUNDS, Race, require_one_winner
from tests.stack import GAP, Stack

pytestmark = pytest.mark.engine


def asked(seconds: int = 0, **detail: str) -> Row:
    """An event that owes a link, so many seconds ago."""
    return {"type": RESET_REQUESTED, "event_id": ids.new_id(), "at": clock.now() - seconds, **detail}


def issue_at_once(account: Row, events: Sequence[Row]) -> list[str]:
    """The links that come of letters for these events, delivered all at once."""

    def issue(event: Row) -> str:
        try:
            return link_issuer.issue_link(event, account["account_id"])
        except LinkIsFreshError:
            return ""

    with ThreadPoolExecutor(CALLERS) as pool:
        return [link for link in pool.map(issue, events) if link]


def works(account: Row, link: str) -> bool:
    token = tokens.parse_token(tokens.RESET, link)
    assert token
    return links.is_good(store.get(settings().tokens_table, keys.reset(account["account_id"])), token)


@pytest.mark.usefixtures("engine_stack")
def test_requests_of_strangers() -> None:
    """Of eight requests of one minute one gets a link; what an admin asks for beside them gets one, too."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        made = issue_at_once(account, [asked(number) for number in range(CALLERS)])
        assert len(made) == 1
        assert works(account, made[0])

        by_admin = issue_at_once(account, [asked(), asked(admin="ada"), *(asked() for _ in range(6))])
        assert len(by_admin) == 1
        assert works(account, by_admin[0])


@pytest.mark.usefixtures("engine_stack")
def test_a_letter_that_comes_eight_times() -> None:
    """It always gets a link, of which one works."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        made = issue_at_once(account, [asked()] * CALLERS)
        assert len(made) == CALLERS
        assert sum(works(account, link) for link in made) == 1


@pytest.mark.usefixtures("engine_stack")
def test_requests_of_eight_minutes() -> None:
    """However their letters overtake each other, every link that is made works, and the newest request has one."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        events = [asked(GAP * (CALLERS - number)) for number in range(CALLERS)]
        made = issue_at_once(account, events)
        assert all(works(account, link) for link in made)
        assert any(events[-1]["event_id"] in link for link in made)


def test_two_links(engine_stack: Stack, race: Race) -> None:
    """Of eight who bring one of two links that both work, one sets the password."""
    for _ in range(ROUNDS):
        account = seeds.new_account()
        made = [*issue_at_once(account, [asked(GAP)]), *issue_at_once(account, [asked()])]
        assert len(made) == 2
        bodies = [{"token": made[n % 2], "new_password": f"Correct-Horse-{n}"} for n in range(CALLERS)]

        answers = race.run(*(partial(engine_stack.call, "POST /reset", body) for body in bodies))

        require_one_winner(answers, "204", "400 token_invalid")
        assert seeds.events_of(account) == ["password.reset"]
