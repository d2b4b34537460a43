"""Callers who start together, so that what they do meets at the engine."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.stack import Answer

CALLERS = 8
ROUNDS = int(os.environ.get("RACE_ROUNDS", "100"))  # more for a soak, fewer while writing a test


class Race:
    """As many callers as threads of the pool."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def run(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """The answers, in the order of the calls, which all begin at once."""
        assert len(calls) <= CALLERS
        barrier = Barrier(len(calls))

        def begin(call: Callable[[], Answer]) -> Answer:
            barrier.wait()
            return call()

        return list(self._pool.map(begin, calls))


def outcomes(answers: Sequence[Answer]) -> Counter[str]:
    """How many answers of each kind: `204`, or `400 token_invalid`."""
    return Counter(f"{answer.status} {answer.code}".strip() for answer in answers)


def require_one_winner(answers: Sequence[Answer], won: str, *lost: str) -> int:
    """Exactly one caller won, the others were told one of the right refusals; which one won."""
    seen = outcomes(answers)
    assert seen[won] == 1, seen
    assert set(seen) <= {won, *lost}, seen
    return next(index for index, answer in enumerate(answers) if str(answer.status) == won)
