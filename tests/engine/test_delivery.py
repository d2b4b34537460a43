"""What is kept of SES's news is kept so by Amazon's engine too: its words and conditions are not moto's."""

import pytest

from tests.flows.test_feedback import TABLE, require_transitions
from tests.stack import Stack

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("later", TABLE)
def test_transitions(engine_stack: Stack, later: int) -> None:
    """Older news leads to nothing, of one second the worse counts, and good news is no end of a stop."""
    require_transitions(engine_stack, later)
