"""docs/events.md and its schemas are true of every event that is published."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from local import event_documents
from local.patterns import matches
from local.template import ROOT, _Loader
from notify import ENTRIES
from rekey.accounts.event_types import EVENT_TYPES
from rekey.api.client import LONGEST_NAME, Client
from tests import story
from tests.calls import watching
from tests.stack import Clock, Stack

TYPES = sorted(EVENT_TYPES)
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in event_documents.SCHEMAS.iterdir()}
COMMON = SCHEMAS.pop("common")
REGISTRY: Any = Registry().with_resource(COMMON["$id"], Resource.from_contents(COMMON))
PAGE = event_documents.PAGE.read_text()
RULE = yaml.load((ROOT / "examples/security-alerts.yaml").read_text(), _Loader)["Resources"]["Rule"]["Properties"]
TOLD: list[list[dict[str, Any]]] = []


@pytest.fixture
def calls(request: pytest.FixtureRequest) -> list[list[dict[str, Any]]]:
    """The entries of each PutEvents call of the whole story, which takes seconds and is told once."""
    if not TOLD:
        stack: Stack = request.getfixturevalue("stack")
        frozen: Clock = request.getfixturevalue("frozen")
        with watching("PutEvents", lambda _, params: TOLD.append(params["Entries"])):
            story.tell(stack, frozen)
    return TOLD


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[kind], registry=REGISTRY, format_checker=FormatChecker())


def test_documents_are_current() -> None:
    """The page's table and the schemas are those drawn from the types now, and there is no schema besides."""
    drawn = event_documents.documents()
    outdated = [path.name for path, text in drawn.items() if not path.is_file() or path.read_text() != text]

    assert outdated == [], "run make documents"
    assert {*event_documents.SCHEMAS.iterdir()} <= {*drawn}, "run make documents"


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_schema(kind: str) -> None:
    """A schema is one of 2020-12, named by version and type, and each of its own members is in the page's row."""
    schema = SCHEMAS[kind]
    Draft202012Validator.check_schema(schema)
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| [`{kind}`]"))

    assert schema["$id"] == f"urn:rekey:events:1:{kind}"
    assert all(f"`{name}`" in row for name in schema.get("properties", {}))


def test_real_events_match(calls: list[list[dict[str, Any]]]) -> None:
    """Every type is published in the story, and every event published is what its schema says, to the last member."""
    entries = [entry for call in calls for entry in call]

    untold = {*TYPES} - {entry["DetailType"] for entry in entries}
    assert not untold, f"tests/story.py tells of no {untold}"
    for entry in entries:
        validator(entry["DetailType"]).validate(json.loads(entry["Detail"]))


def test_a_member_that_is_not_documented_does_not_match(calls: list[list[dict[str, Any]]]) -> None:
    """A schema refuses what it does not name, and asks for what it does: so the test above can fail."""
    for entry in calls[-1]:
        check, detail = validator(entry["DetailType"]), json.loads(entry["Detail"])
        assert not check.is_valid({**detail, "email": "alice@example.com"})
        assert not check.is_valid({name: value for name, value in detail.items() if name != "account_id"})


def test_the_longest_name_of_a_program_matches(calls: list[list[dict[str, Any]]]) -> None:
    """A program may call itself by as long a name as is kept, and not longer."""
    entry = calls[0][0]
    check, detail = validator(entry["DetailType"]), json.loads(entry["Detail"])

    assert check.is_valid({**detail, "client": Client("192.0.2.1", "x" * 1000).name})
    assert not check.is_valid({**detail, "client": "x" * (LONGEST_NAME + 1)})


def test_events_go_together(calls: list[list[dict[str, Any]]]) -> None:
    """Of a batch, up to ten events go in one call; the largest ten fit in the 256 KB that a call takes."""
    sizes = [len(call) for call in calls]
    largest = max(len(json.dumps(entry)) for call in calls for entry in call)

    assert max(sizes) == ENTRIES
    assert sum(sizes) > 2 * len(sizes)
    assert ENTRIES * (largest + LONGEST_NAME * len(r"\uffff")) < 256_000 / 8  # with the longest name of a program


def test_the_example_chooses_events_there_are() -> None:
    """The example's rule lets through the events it names, all of them types of ours, and no others."""
    pattern = RULE["EventPattern"]

    chosen = {kind for kind in TYPES if matches(pattern, {"source": "rekey", "detail-type": kind, "detail": {}})}
    assert chosen == {*pattern["detail-type"]}
    assert len(chosen) > 1
    assert not matches(pattern, {"source": "aws.ec2", "detail-type": "sign_in.locked"})
