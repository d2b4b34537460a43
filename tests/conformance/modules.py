"""The table: each module of OpenID's plans by its name, what is done here for it, and what comes of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from tests.conformance.party import Party

Run = Callable[[Party], None]


@dataclass(frozen=True)
class Module:
    """`run` shows it: that it passes, or that what makes it not applicable holds."""

    plan: str
    name: str
    run: Run
    reason: str = ""
    """Why it is not applicable; empty for one that passes."""
    warning: str = ""
    """What the suite would remark, though it lets it pass."""

    @property
    def told(self) -> str:
        """What is done and expected, in a line."""
        return " ".join((inspect.getdoc(self.run) or "").split())


MODULES: list[Module] = []


def passes(plan: str, name: str, *, warning: str = "") -> Callable[[Run], Run]:
    return lambda run: _add(Module(plan, name, run, warning=warning))


def not_applicable(plan: str, name: str, reason: str) -> Callable[[Run], Run]:
    """The test shows that the reason holds."""
    return lambda run: _add(Module(plan, name, run, reason=reason))


def _add(module: Module) -> Run:
    MODULES.append(module)
    return module.run
