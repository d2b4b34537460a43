"""The flows that are measured, each brought to the point where it succeeds by its scenario in the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.stage import Stage, Timing, seeding
from tests.scenarios import functions, sign_in
from tests.scenarios.every import BY_FUNCTION, BY_ROUTE, SCENARIOS

Attempt = Callable[[], Any]

_RARE = ("POST /admin/", "POST /email/")  # too rare to cost anything
# They cost otherwise than the first of their route.
_VARIANTS = (
    sign_in.challenged,
    sign_in.known_device,
    sign_in.made_up_device,
    sign_in.trusted_device,
    sign_in.recovery_code,
    sign_in.code_on_a_known_device,
)
# From an event to its email: a notice, a link to an owner, and one to a stranger.
DELIVERIES = (
    functions.notify,
    functions.notify_link,
    functions.mailer,
    functions.mailer_link,
    functions.mailer_sign_up,
)

_measured = [each for each in SCENARIOS if each in (BY_ROUTE[each.route], *_VARIANTS)]
FLOWS: dict[str, Callable[[Stage], Attempt]] = {
    **{each.name: each.attempt for each in _measured if not each.route.startswith(_RARE)},
    **{each.name: each.attempt for each in (functions.authorizer, *DELIVERIES, functions.cleanup)},
}

WITHOUT_ROUTE = set(BY_FUNCTION)  # API Gateway does not count them as requests of its own


def has_succeeded(answer: Any) -> bool:
    """Whether a flow did what it was prepared for."""
    if isinstance(answer, dict):
        return bool(answer.get("isAuthorized") or answer.get("finished") or answer.get("batchItemFailures") == [])
    return bool(answer.status < 300)  # noqa: PLR2004


def run_block(stage: Stage, name: str, count: int) -> list[Timing]:
    """A flow so many times in a row, all its rows made beforehand."""
    with seeding():
        attempts = [FLOWS[name](stage) for _ in range(count)]
    taken = []
    for attempt in attempts:
        answer = attempt()
        assert has_succeeded(answer), f"{name}: {answer}"
        taken.append(stage.last)
    return taken
