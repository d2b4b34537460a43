"""Invariant 7 where the engine's own answer matters: a write carried out whose answer never came."""

import pytest

from tests.faults.matrix import Case, every_case, require_all_or_nothing
from tests.faults.network import CRASH_AFTER, LOST
from tests.stack import Stack

pytestmark = pytest.mark.engine
WRITES = {"TransactWriteItems", "UpdateItem.tokens", "UpdateItem.accounts", "PutItem.tokens"}


def _is_lost_write(case: Case) -> bool:
    return case.call in WRITES and case.kind in {LOST, CRASH_AFTER}


@pytest.mark.parametrize("case", [*filter(_is_lost_write, every_case())], ids=str)
def test_lost_answer(engine_stack: Stack, case: Case) -> None:
    """The SDK's retry finds the write done, or the caller's does: it is never done twice, nor by half."""
    require_all_or_nothing(engine_stack, case)
