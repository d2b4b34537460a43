"""The events in events/, one a function: what `sam local invoke`, the tests of the artefact and the benchmarks send."""

from __future__ import annotations

import json
from typing import Any

from local.template import ROOT


def load_event(function: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / f"events/{function}.json").read_text())
    return event
