"""What a file imports of the layer, by reading it: nothing is run, and nothing that is imported late is missed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from local.template import ROOT

LAYER = ROOT / "layers/common/rekey"


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The modules of the layer that a file imports anywhere in it, also inside a function: `rekey.aws.store`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "rekey":
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if file_of(module).is_file() else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "rekey")


def file_of(module: str) -> Path:
    return LAYER.parent / f"{module.replace('.', '/')}.py"


def closure(path: Path) -> set[Path]:
    """A file, and all of the layer that it needs."""
    found, waiting = set[Path](), {path}
    while waiting:
        found.add(each := waiting.pop())
        waiting |= {file for file in map(file_of, imported(each)) if file.is_file()} - found
    return found
