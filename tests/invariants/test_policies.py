"""Each function may do only what it does: the grants of its policy are the calls it makes, both ways."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests import story
from tests.calls import Call, Grant, watching
from tests.stack import Clock, Stack

Grants = set[Grant]


def granted(properties: dict[str, Any]) -> Grants:
    """The actions a function's policies allow, each with its resource and the beginning of the keys it is held to."""
    grants: Grants = set()
    for policy in properties["Policies"]:
        for statement in policy["Statement"]:
            actions, resources = (
                [found] if isinstance(found, str) else found for found in (statement["Action"], statement["Resource"])
            )
            grants |= {Grant(action, resource, _leading(statement)) for action in actions for resource in resources}
    return grants


def _leading(statement: dict[str, Any]) -> str:
    """Of the one condition that statements on tables may have; SES's own is not for keys."""
    condition = statement.get("Condition", {})
    keys = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", "*")
    assert isinstance(keys, str), f"one beginning a statement: {keys}"
    assert keys.endswith("*"), keys
    return keys.removesuffix("*")


def covers(grant: Grant, needed: Grant) -> bool:
    return grant[:2] == needed[:2] and needed.leading.startswith(grant.leading)


@pytest.fixture
def used(stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> dict[str, Grants]:
    """What each function needed while the whole story was told."""
    needed: dict[str, Grants] = defaultdict(set)
    running = [""]
    invoke = stack.invoke

    def named(function: str, *arguments: Any) -> Any:
        running.append(function)
        try:
            return invoke(function, *arguments)
        finally:
            running.pop()

    monkeypatch.setattr(stack, "invoke", named)
    with watching("*", lambda operation, params: needed[running[-1]].update(Call(operation, params).grants())):
        story.tell(stack, frozen)
    return needed


def test_every_function_is_granted_what_it_does_and_no_more(stack: Stack, used: dict[str, Grants]) -> None:
    """For all functions: no call that is not granted, no grant that is not called."""
    grants = {name: granted(properties) for name, properties in stack.template.functions().items()}
    lacking = {
        name: {need for need in used[name] if not any(covers(grant, need) for grant in grants[name])} for name in grants
    }
    idle = {
        name: {grant for grant in grants[name] if not any(covers(grant, need) for need in used[name])}
        for name in grants
    }
    lacking, idle = ({name: found for name, found in each.items() if found} for each in (lacking, idle))

    assert not lacking, f"grant it in template.yaml: {lacking}"
    assert not idle, (
        f"take it out of template.yaml, or let a scenario need it (tests/scenarios, tests/story.py): {idle}"
    )


def test_statements_allow(stack: Stack) -> None:
    """Each statement allows, names its resources, and has no wildcard among its actions."""
    for name, properties in stack.template.functions().items():
        for policy in properties["Policies"]:
            assert all(statement["Effect"] == "Allow" for statement in policy["Statement"]), name
        for action, resource, _ in granted(properties):
            assert "*" not in action, name
            assert resource != "*" or action == "ses:GetAccount", name
