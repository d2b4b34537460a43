"""Imports go one way through the layer's packages: whoever reads one need not know those above it."""

from __future__ import annotations

import ast
import graphlib
import tomllib
from pathlib import Path

import pytest

from local.template import ROOT
from tests.imports import LAYER, imported

PACKAGES = sorted(path.parent.name for path in LAYER.glob("*/__init__.py"))
MODULES = sorted(path for path in LAYER.rglob("*.py") if path.name != "__init__.py")

# From the bottom up: a floor may use those below it, and its own modules each other. What stands in the layer's folder
# itself is at the bottom.
FLOORS: list[set[str]] = [
    {"clock", "ids", "settings", "observability"},
    {"aws"},
    {"api"},
    {"accounts"},
    {"sessions"},
    {"limits"},
    {"credentials", "mail", "oauth"},
]
LEAVES = {"pages", "languages"}  # use nothing of ours but settings; anybody may use them
MOST_ENTRIES = 16


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(LAYER.parent).with_suffix("").parts)


def wing(module: str) -> str:
    """The package of a module, or its own name where it stands in none."""
    return module.split(".")[1]


def floor(module: str) -> int:
    return next(height for height, wings in enumerate(FLOORS) if wing(module) in wings)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down(path: Path) -> None:
    """No module imports one of a floor above its own, nor of another package on the same floor."""
    module = name_of(path)
    others = {name for name in imported(path) if wing(name) != wing(module)}
    if wing(module) in LEAVES:
        assert others <= {"rekey.settings"}, f"{module} is a leaf: it may use settings alone"
        return
    up = {name for name in others if wing(name) not in LEAVES and floor(name) >= max(floor(module), 1)}

    assert not up, f"{module} imports upwards: move what it needs down, or itself up (FLOORS says which is where)"


def test_no_circle() -> None:
    """The modules can be put in an order in which each needs only those before it."""
    graph = {name_of(path): set(imported(path)) for path in MODULES}

    list(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_in_a_line_what_lives_there(package: str) -> None:
    """And does nothing else: what an `__init__` imports, every function that uses the package would load."""
    source = (LAYER / package / "__init__.py").read_text("utf-8")
    [statement] = ast.parse(source).body

    assert isinstance(statement, ast.Expr)
    assert len(source.splitlines()) == 1


def test_all_stands_on_a_floor() -> None:
    """Every entry of the layer's folder has its place, and there are few enough to take in at a look."""
    entries = {path.name for path in LAYER.iterdir()} - {"__pycache__"}
    modules = {path.stem for path in LAYER.glob("*.py")} - {"__init__"}

    assert {*PACKAGES, *modules} <= {*LEAVES}.union(*FLOORS)
    assert len(entries) <= MOST_ENTRIES, sorted(entries)


def test_all_packages_are_installed() -> None:
    """`pip install .` brings every package: pyproject.toml names each."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]

    assert {name for name in named if name.startswith("rekey.")} == {f"rekey.{package}" for package in PACKAGES}
