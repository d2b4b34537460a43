"""Every built function under the Lambda Runtime Interface Emulator."""

from pathlib import Path

import pytest

from local.template import Template
from tests.demo_events import load_event
from tests.runtime import emulator
from tests.runtime.tools import lacking_emulator
from tests.scenarios.samples import FUNCTIONS, answer_to_sample
from tests.scenarios.scenario import outcome

pytestmark = pytest.mark.runtime


@pytest.mark.parametrize("function", FUNCTIONS)
def test_built_function_answers(built: Path, template: Template, function: str, tmp_path: Path) -> None:
    """Run by Lambda's runtime client with nothing but its folder and the layer, a built function answers its event."""
    if reason := lacking_emulator():
        pytest.skip(reason)
    log = tmp_path / "log"

    answer = emulator.invoke(built, template, function, load_event(function), log)

    assert outcome(function, answer) == answer_to_sample(function), f"{answer}\n{log.read_text()}"
