"""Callers who start together, or nearly, so that what they do meets at the engine."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

from tests.stack import Answer

CALLERS = 8
ROUNDS = int(os.environ.get("RACE_ROUNDS", "25"))  # more for a soak, fewer while writing a test
_LATE = 0.02  # seconds: about what a request takes


class Race:
    """As many callers as threads of the pool. The seed says who is late, and by how much."""

    def __init__(self, pool: ThreadPoolExecutor, seed: str) -> None:
        self._pool = pool
        self._random = Random(seed)

    def run(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """The answers, in the order of the calls: half of all races begin at once, in the others each caller is late.

        Those who begin at once meet at the first write. Who comes late meets the others between two of theirs.
        """
        assert len(calls) <= CALLERS
        barrier, latest = Barrier(len(calls)), self._random.choice((0, _LATE))
        delays = [self._random.uniform(0, latest) for _ in calls]

        def begin(call: Callable[[], Answer], delay: float) -> Answer:
            barrier.wait()
            time.sleep(delay)
            return call()

        return list(self._pool.map(begin, calls, delays))


def outcomes(answers: Sequence[Answer]) -> Counter[str]:
    """How many answers of each kind: `204`, or `400 token_invalid`."""
    return Counter(f"{answer.status} {answer.code}".strip() for answer in answers)


def require_one_winner(answers: Sequence[Answer], won: str, *lost: str) -> int:
    """Exactly one caller won, the others were told one of the right refusals; which one won."""
    seen = outcomes(answers)
    assert seen[won] == 1, seen
    assert set(seen) <= {won, *lost}, seen
    return next(index for index, answer in enumerate(answers) if str(answer.status) == won)
