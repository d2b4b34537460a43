"""Patterns that choose events, as Lambda's event filters and EventBridge's rules have them."""

from __future__ import annotations

from typing import Any

Pattern = dict[str, Any]


def matches(pattern: Pattern, event: Any) -> bool:
    """Every field the pattern names must be there and agree with one of its alternatives."""
    if not isinstance(event, dict):
        return False
    return all(_field(wanted, event.get(name), present=name in event) for name, wanted in pattern.items())


def _field(wanted: Any, value: Any, *, present: bool) -> bool:
    if isinstance(wanted, dict):
        return matches(wanted, value)
    return any(_agrees(alternative, value, present=present) for alternative in wanted)


def _agrees(alternative: Any, value: Any, *, present: bool) -> bool:
    if not isinstance(alternative, dict):
        return present and bool(alternative == value)
    ((operator, operand),) = alternative.items()
    if operator == "exists":
        return present is operand
    if operator == "prefix":
        return isinstance(value, str) and value.startswith(operand)
    if operator == "suffix":
        return isinstance(value, str) and value.endswith(operand)
    if operator == "anything-but" and not isinstance(operand, dict):
        return present and value not in (operand if isinstance(operand, list) else [operand])
    raise ValueError(f"a filter uses {operator}, which only AWS carries out")
