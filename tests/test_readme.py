"""README.md is true of the template."""

import pytest

from local.template import ROOT, load_template

README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", load_template().document["Parameters"])
def test_parameters_are_listed_with_their_defaults(name: str) -> None:
    """Each template parameter has a row with its default and its description."""
    rules = load_template().document["Parameters"][name]
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))

    assert f"| `{rules['Default']}` |" in row or rules["Default"] == ""
    assert rules["Description"] in row


@pytest.mark.parametrize("key", load_template().routes())
def test_routes_are_listed(key: str) -> None:
    """Each route of the template has a row."""
    assert f"| `{key}` |" in README
