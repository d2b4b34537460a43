"""Each function may do only what it does: its policy grants the calls it makes, with their keys and attributes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from rekey.accounts.attributes import ATTRIBUTES
from tests import story
from tests.calls import watching
from tests.needs import Need, needs, of_table
from tests.policies import Grant, grants
from tests.stack import Clock, Stack

# Actions that IAM knows no resource for.
NOT_OF_A_RESOURCE = {"ses:GetAccount", "tag:GetResources", "kms:CreateKey"}
KEYS = "dynamodb:LeadingKeys"
Granted = dict[str, set[Grant]]
Needed = dict[str, set[Need]]


@pytest.fixture
def granted(stack: Stack) -> Granted:
    return {name: grants(properties) for name, properties in stack.template.functions().items()}


_told: Needed = defaultdict(set)


@pytest.fixture
def needed(stack: Stack, frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> Needed:
    """What each function needed while the whole story was told, which it is once."""
    running = [""]
    invoke = stack.invoke

    def named(function: str, *arguments: Any) -> Any:
        running.append(function)
        try:
            return invoke(function, *arguments)
        finally:
            running.pop()

    if not _told:
        monkeypatch.setattr(stack, "invoke", named)
        with watching("*", lambda operation, params: _told[running[-1]].update(needs(operation, params))):
            story.tell(stack, frozen)
    return _told


def test_every_function_is_granted_what_it_does_and_no_more(granted: Granted, needed: Needed) -> None:
    """No call that is not granted; no grant, and no value of a condition, without which every call would be."""
    lacking = {name: {need for need in needed[name] if not allowed(granted[name], need)} for name in granted}
    idle = {name: _idle(granted[name], needed[name]) for name in granted}

    assert not any(lacking.values()), f"grant it in template.yaml: {lacking}"
    assert not any(idle.values()), (
        f"take it out of template.yaml, or let a scenario need it (tests/scenarios, tests/story.py): {idle}"
    )


def test_no_function_is_granted_keys_that_it_does_not_touch(granted: Granted, needed: Needed) -> None:
    """Of the kinds of rows that a table has, only those: a statement says so, or the function touches them all."""
    kinds = _kinds(needed)
    assert {table: len(found) > 1 for table, found in kinds.items()} == dict.fromkeys(kinds, True)
    wide = {
        (name, grant.action, grant.resource): untouched
        for name, each in granted.items()
        for grant in each
        if (untouched := _reachable(grant, kinds) - _touched(grant, needed[name]))
    }

    assert not wide, f"hold it to the keys that it touches, in template.yaml: {wide}"


def test_a_condition_on_keys_is_on_calls_that_name_keys(granted: Granted) -> None:
    """`ForAllValues` holds of whatever names none: a scan, or (of attributes) a read of everything."""
    for name, each in granted.items():
        for grant in each:
            keys = {condition.key for condition in grant.conditions}
            assert not (KEYS in keys and grant.action == "dynamodb:Scan"), name
            if "dynamodb:Attributes" in keys:
                assert keys & {"dynamodb:Select", "dynamodb:ReturnValues"}, name


SECRETS = {
    "AccountsTable": sorted(name for name, each in ATTRIBUTES.items() if each.secret),
    "EventsTable": ["email"],
    "TokensTable": ["access_digest", "digest", "refresh_digest", "totp_secret"],
}


@pytest.mark.parametrize(("table", "secret"), [(table, name) for table, names in SECRETS.items() for name in names])
def test_cleanup_cannot_read_a_secret(granted: Granted, table: str, secret: str) -> None:
    """Of any row that it may read, list, delete or judge by: not as it is, not by a guess, not as what was deleted."""
    key = {"pk": {"S": "account#1"}, "sk": {"S": "account"}}
    row, batch = {"TableName": table, "Key": key}, {"TableName": table, "Keys": [key]}
    guess = f"begins_with({secret}, :guess)"
    attempts = [
        of_table("Scan", {"TableName": table}),
        of_table("Scan", {"TableName": table, "ProjectionExpression": f"pk, {secret}"}),
        of_table("Scan", {"TableName": table, "ProjectionExpression": "pk", "FilterExpression": guess}),
        of_table("GetItem", row),
        of_table("BatchGetItem", batch),
        of_table("BatchGetItem", batch | {"ProjectionExpression": f"pk, {secret}"}),
        of_table("DeleteItem", row | {"ReturnValues": "ALL_OLD"}),
        of_table("DeleteItem", row | {"ConditionExpression": guess}),
    ]

    assert [attempt for attempt in attempts if allowed(granted["cleanup"], attempt)] == []


def test_cleanup_deletes_no_account(granted: Granted) -> None:
    """Nor asks by a delete what stands in one, or in an address, beyond when it expires."""
    account, address = (
        {"TableName": "AccountsTable", "Key": {"pk": {"S": f"{kind}#1"}}} for kind in ("account", "address")
    )
    attempts = [
        of_table("DeleteItem", account),
        of_table("DeleteItem", address | {"ConditionExpression": "account_id = :id"}),
    ]

    assert not any(allowed(granted["cleanup"], attempt) for attempt in attempts)


def test_emails_are_sent_as_the_stack_alone(granted: Granted) -> None:
    """SES takes no other sender from the mailer, whatever identities the account has."""
    sending = {"ConfigurationSetName": "MailConfiguration", "FromEmailAddress": "ceo@example.com"}

    assert not any(allowed(granted["mailer"], need) for need in needs("SendEmail", sending))


@pytest.mark.parametrize("recorder", ["forgot", "feedback", "notify", "mailer"])
@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"])
def test_who_only_records_cannot_write_an_account(granted: Granted, recorder: str, operation: str) -> None:
    """Whatever makes or sends an email reaches no account's row."""
    write = of_table(operation, {"TableName": "AccountsTable", "Key": {"pk": {"S": "account#1"}}})

    assert not allowed(granted[recorder], write)


def test_statements_allow(stack: Stack) -> None:
    """Each statement allows, names its resources, and has no wildcard among its actions."""
    for name, properties in stack.template.functions().items():
        for policy in properties["Policies"]:
            assert all(statement["Effect"] == "Allow" for statement in policy["Statement"]), name
        for grant in grants(properties):
            assert "*" not in grant.action, name
            assert grant.resource != "*" or grant.action in NOT_OF_A_RESOURCE, name


def allowed(granted: set[Grant], need: Need) -> bool:
    return any(grant.allows(need) for grant in granted)


def _idle(granted: set[Grant], needed: set[Need]) -> list[tuple[str, Grant]]:
    """What could be taken out of a policy, and nothing would be refused."""
    idle = []
    for grant in granted:
        used = {need for need in needed if grant.allows(need)}
        if not used:
            idle.append(("all", grant))
        idle += [(value, grant) for value, less in grant.narrower() if used and all(map(less.allows, used))]
    return idle


def _kinds(needed: Needed) -> dict[str, set[str]]:
    """The beginnings of the keys that each table has: `account#`, `limit#notice#`."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for need in (need for each in needed.values() for need in each):
        kinds[need.resource] |= {_kind(key) for key in need.says(KEYS)}
    return {table: found for table, found in kinds.items() if found}


def _kind(key: str) -> str:
    first, *rest = key.split("#")
    return f"{first}#{rest[0]}#" if first == "limit" else f"{first}#" if rest else first


def _reachable(grant: Grant, kinds: dict[str, set[str]]) -> set[str]:
    """A scan says nothing of keys, and so can be held to none."""
    if grant.action == "dynamodb:Scan":
        return set()
    granted = [value.removesuffix("*") for value in grant.values(KEYS)]
    return {
        kind
        for kind in kinds.get(grant.resource, ())
        if any(kind.startswith(value) or value.startswith(kind) for value in granted)
    }


def _touched(grant: Grant, needed: set[Need]) -> set[str]:
    return {_kind(key) for need in needed if grant.allows(need) for key in need.says(KEYS)}
