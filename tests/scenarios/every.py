"""All scenarios there are: a new file of them is named here."""

from __future__ import annotations

from types import ModuleType

from tests.scenarios import (
    admin,
    applications,
    authorize,
    clients,
    discovery,
    functions,
    logout,
    passwords,
    sessions,
    sign_in,
    sign_up,
    signing_keys,
    two_factor,
)
from tests.scenarios.scenario import Invocation, Scenario

MODULES: tuple[ModuleType, ...] = (
    sign_up,
    sign_in,
    passwords,
    two_factor,
    sessions,
    admin,
    clients,
    applications,
    signing_keys,
    discovery,
    authorize,
    logout,
    functions,
)

_declared = [each for module in MODULES for each in vars(module).values()]
SCENARIOS = [each for each in _declared if isinstance(each, Scenario)]
INVOCATIONS = [each for each in _declared if isinstance(each, Invocation)]
EVERYTHING: list[Scenario | Invocation] = [*SCENARIOS, *INVOCATIONS]

# What a route or a function is mostly asked: the first that its file declares.
BY_ROUTE = {each.route: each for each in reversed(SCENARIOS)}
BY_FUNCTION = {each.function: each for each in reversed(INVOCATIONS)}
