"""Invariant 7: a fault is a clear error, nothing is done by half, and asking again ends well."""

import pytest

from tests.faults.matrix import Case, every_case, require_all_or_nothing
from tests.faults.network import LOST
from tests.stack import Stack


def _is_honest(case: Case) -> bool:
    """Moto does not know a transaction that is sent again by its client token: DynamoDB Local does (tests/engine)."""
    return case.lasting or (case.call, case.kind) != ("TransactWriteItems", LOST)


@pytest.mark.parametrize("case", [*filter(_is_honest, every_case())], ids=str)
def test_fault(stack: Stack, case: Case) -> None:
    """At any call, any fault leaves all or nothing done, and a second try ends well."""
    require_all_or_nothing(stack, case)
