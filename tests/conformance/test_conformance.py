"""OpenID's own lists, module by module."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conformance import document
from tests.conformance.modules import MODULES, Module
from tests.conformance.party import Party
from tests.stack import Account, Clock, Stack


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_module(module: Module, stack: Stack, account: Account, frozen: Clock) -> None:
    module.run(Party(stack, account, frozen))


def test_the_lists_are_whole() -> None:
    """As many as the plans had on 2026-08-20, each by a name of its own, with a line on what is done."""
    assert Counter(each.plan for each in MODULES) == {"Basic OP": 38, "Config OP": 1, "RP-Initiated Logout OP": 11}
    assert len({each.name for each in MODULES}) == len(MODULES)
    assert all(each.told for each in MODULES)


def test_page_is_current() -> None:
    assert document.PAGE.read_text("utf-8") == document.document(), "run make documents"
