"""README.md is true of the template."""

import pytest

from local.template import ROOT, load_template

README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("key", load_template().routes())
def test_routes_are_listed(key: str) -> None:
    """Each route of the template has a row."""
    assert f"| `{key}` |" in README, f"{key} has no row: add one to a table of calls in README.md"
