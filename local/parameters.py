"""docs/parameters.md, drawn from template.yaml: `make parameters` writes it, a test compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from local.template import load_template

HEAD = """# Parameters

The settings of a deployment. This page is drawn from `template.yaml` by `make parameters`.

Set them in `samconfig.toml`, or with `sam deploy --parameter-overrides Name=Value`. On your own machine, set them with
`PARAMETERS="Name=Value" make run`. Two defaults differ there: `LinkOrigin` is the instance's own address, and
`BreachedPasswords` is empty."""
COLUMNS = "| parameter | default | range | |\n| --- | --- | --- | --- |"


def document() -> str:
    """The page: a table for each group of the deployment form."""
    return "\n".join([HEAD, *_tables(load_template().document)]) + "\n"


def _tables(template: dict[str, Any]) -> Iterator[str]:
    for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]:
        yield f"\n## {group['Label']['default']}\n{COLUMNS}"
        for name in group["Parameters"]:
            yield _row(name, template["Parameters"][name])


def _row(name: str, rules: dict[str, Any]) -> str:
    default = f"`{rules['Default']}`" if rules["Default"] != "" else "none"
    return f"| `{name}` | {default} | {_range(rules)} | {rules['Description']} |"


def _range(rules: dict[str, Any]) -> str:
    if "MinValue" in rules:
        return f"{rules['MinValue']} to {rules['MaxValue']}"
    return ", ".join(str(value) for value in rules.get("AllowedValues", []))


if __name__ == "__main__":
    sys.stdout.write(document())
