"""The table of docs/events.md and docs/event-schemas/, drawn from the types as rekey/accounts/event_types.py has them.

`make documents` writes them, a test compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import tables
from local.template import ROOT
from rekey.accounts.event_members import Members
from rekey.accounts.event_types import EVENT_TYPES, EventType
from rekey.api.client import LONGEST_NAME

PAGE = ROOT / "docs/events.md"
SCHEMAS = ROOT / "docs/event-schemas"
DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
ID = {"type": "string", "pattern": "^[0-9a-f]{28}$"}
# As functions/notify.py publishes every event.
COMMON = {
    "version": {"const": 1},
    "id": {**ID, "description": "The same in every delivery of this event; ids sort by time"},
    "at": {
        "type": "string",
        "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        "description": "When it happened, in UTC",
    },
    "account_id": {**ID, "description": "Whose account it concerns"},
    "client": {
        "type": "string",
        "maxLength": LONGEST_NAME,
        "description": "The name that the caller's program gave itself: anybody may write anything here",
    },
    "client_address": {
        "type": "string",
        "maxLength": 43,
        "description": "The caller's network: /24 of IPv4, /48 of IPv6",
    },
}


def documents() -> dict[Path, str]:
    """What each file is to hold."""
    schemas = {"common": _common(), **{name: _schema(name, entry) for name, entry in EVENT_TYPES.items()}}
    written = {SCHEMAS / f"{name}.json": json.dumps(schema, indent=2) + "\n" for name, schema in schemas.items()}
    return {PAGE: tables.redrawn(PAGE, ("type", "when", "adds"), _rows()), **written}


def write() -> None:
    """Schemas of types that are no more go."""
    wanted = documents()
    for path in {*SCHEMAS.iterdir()} - {*wanted}:
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, "utf-8")


def _common() -> dict[str, Any]:
    told = {**_head("common"), "title": "What every event has", "type": "object"}
    required = [name for name in COMMON if name != "account_id"]  # of an application's events there is none
    return {**told, "required": required, "properties": COMMON}


def _schema(name: str, entry: EventType) -> dict[str, Any]:
    """Of one type's `detail`: what all have, what it adds, and nothing else."""
    title = entry.happened[0].upper() + entry.happened[1:].replace("`", "")
    schema = {**_head(name), "title": title, "$ref": "urn:rekey:events:1:common"}
    if entry.adds:
        schema["properties"] = entry.members()
    required = [name for members in entry.adds if not members.condition for name in members.schemas]
    schema["required"] = ["account_id", *required] if entry.is_of_account else required
    together = [[*members.schemas] for members in entry.adds if members.condition and len(members.schemas) > 1]
    if together:
        schema["dependentRequired"] = {
            name: [other for other in names if other != name] for names in together for name in names
        }
    return {**schema, "unevaluatedProperties": False}


def _head(name: str) -> dict[str, Any]:
    return {**DIALECT, "$id": f"urn:rekey:events:1:{name}"}


def _rows() -> Iterator[tuple[str, ...]]:
    for name, entry in EVENT_TYPES.items():
        yield f"[`{name}`](event-schemas/{name}.json)", entry.happened, "; ".join(map(_added, entry.adds))


def _added(members: Members) -> str:
    """Their names, their values if these are few, and the condition."""
    told = " and ".join(
        f"`{name}`: {' or '.join(f'`{value}`' for value in schema['enum'])}" if "enum" in schema else f"`{name}`"
        for name, schema in members.schemas.items()
    )
    return f"{told}, {members.condition}" if members.condition else told


if __name__ == "__main__":
    write()
