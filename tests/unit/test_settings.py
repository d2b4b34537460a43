"""The environment that the template sets is the one that the code reads, function by function."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from local.template import ROOT, load_template
from rekey.settings import Settings, settings
from tests.imports import LAYER, closure, parsed
from tests.stack import Stack

FUNCTIONS = sorted(path.stem for path in (ROOT / "functions").glob("*.py"))
OF_LIBRARIES = ("POWERTOOLS_", "MALLOC_")
OF_LAMBDA = {"sdk.py": {"AWS_LAMBDA_RUNTIME_API"}, "transport.py": {"AWS_CA_BUNDLE"}}


def read_by(path: Path) -> set[str]:
    """The settings that a file reads: each by its name, at the call."""
    calls = {node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)}
    asked = {call for call in calls if getattr(call.func, "id", None) == "settings"}
    reads = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute) and node.value in asked]
    assert len(reads) == len(asked), f"{path.name}: read each setting as settings().name, so that it can be found"
    return {node.attr for node in reads}


def needed(path: Path) -> set[str]:
    return set[str]().union(*map(read_by, closure(path)))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_the_variables_that_it_reads(function: str) -> None:
    """All that its modules read, or it would fail in production alone; and no other, or nobody knows what it is for."""
    present = {name for name in load_template().environment(function) if not name.startswith(OF_LIBRARIES)}
    read = {name.upper() for name in needed(ROOT / f"functions/{function}.py")}

    lacking, idle = read - present, present - read

    assert not lacking, f"template.yaml: give {function} the variables {lacking}"
    assert not idle, f"template.yaml: nothing in {function} reads the variables {idle}"


def test_every_setting_is_read() -> None:
    """And each that is read is declared."""
    read = set[str]().union(*(needed(ROOT / f"functions/{function}.py") for function in FUNCTIONS))
    declared = {*Settings.__annotations__}

    assert read - declared == set(), "rekey/settings.py: declare these"
    assert declared - read == set(), "rekey/settings.py: no function reads these"


def test_nothing_reads_the_environment_beside() -> None:
    """Only settings.py knows of variables; two modules ask for Lambda's and the SDK's own."""
    readers = {path.name: path for path in [*LAYER.rglob("*.py"), *(ROOT / "functions").glob("*.py")]}
    beside = {
        name for name, path in readers.items() if "os.environ" in path.read_text() or "getenv" in path.read_text()
    }

    assert beside == {"settings.py", *OF_LAMBDA}
    for name, variables in OF_LAMBDA.items():
        assert all(variable in readers[name].read_text() for variable in variables)
        assert readers[name].read_text().count("os.environ") == len(variables)


def test_an_admin_at_a_terminal_has_what_the_layer_reads_there() -> None:
    """`rekey-admin` takes from the stack's outputs what the modules that it shares with the flows read."""
    named = {node.value for node in ast.walk(parsed(ROOT / "rekey_admin/target.py")) if isinstance(node, ast.Constant)}
    read = {name for path in (ROOT / "rekey_admin").glob("*.py") for name in needed(path)}

    assert {name.upper() for name in read - {"argon2_memory", "argon2_iterations", "argon2_parallelism"}} <= named


def test_values(stack: Stack) -> None:
    """A parameter's value arrives, as a number where it is one."""
    assert settings().attempt_limit == int(stack.template.parameters["AttemptLimit"])
    assert settings().password_rule == "sales-connect"
    assert settings().link_origin == "https://app.example.com"


@pytest.mark.usefixtures("stack")
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is not set is named when it is read, and no default takes its place."""
    monkeypatch.delenv("ISSUER")

    with pytest.raises(LookupError, match="ISSUER"):
        _ = settings().issuer
    assert settings().attempt_limit
