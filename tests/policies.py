"""A function's policy, read as IAM reads it: the grants of its statements, and whether one allows what is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from tests.needs import Need

OPERATORS = {"ForAllValues:StringLike", "ForAllValues:StringEquals", "StringEquals"}


class Condition(NamedTuple):
    operator: str
    key: str
    values: tuple[str, ...]

    def holds(self, need: Need) -> bool:
        """`ForAllValues` also holds of a request that says nothing of the key; `StringEquals` does not."""
        said = need.says(self.key)
        if not said:
            return self.operator.startswith("ForAllValues:")
        if self.operator.endswith("StringLike"):
            return all(any(fnmatchcase(each, value) for value in self.values) for each in said)
        return said <= {*self.values}


@dataclass(frozen=True)
class Grant:
    """One action on one resource, and all that must hold for it."""

    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()

    def allows(self, need: Need) -> bool:
        return (self.action, self.resource) == need[:2] and all(each.holds(need) for each in self.conditions)

    def values(self, key: str) -> tuple[str, ...]:
        """What a condition lets be said of the key: anything, where there is none."""
        return next((condition.values for condition in self.conditions if condition.key == key), ("*",))

    def narrower(self) -> Iterator[tuple[str, Grant]]:
        """By each value of its conditions: what the value is, and the grant without it."""
        for at, condition in enumerate(self.conditions):
            for value in condition.values:
                less = condition._replace(values=tuple(each for each in condition.values if each != value))
                yield value, replace(self, conditions=(*self.conditions[:at], less, *self.conditions[at + 1 :]))


def grants(properties: dict[str, Any]) -> set[Grant]:
    """All that a function's policies allow."""
    return {
        Grant(action, resource, tuple(_conditions(statement)))
        for policy in properties["Policies"]
        for statement in policy["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _conditions(statement: dict[str, Any]) -> Iterator[Condition]:
    for operator, by_key in statement.get("Condition", {}).items():
        assert operator in OPERATORS, f"{operator}: say in tests/policies.py when it holds"
        for key, values in by_key.items():
            yield Condition(operator, key, tuple(_listed(values)))


def _listed(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else found
