"""What `sam build` makes: whole, and nothing besides."""

import io
import zipfile
from pathlib import Path

import pytest
import yaml

from local.template import ROOT, load_template
from tests.demo_events import FUNCTIONS
from tests.runtime.emulator import folder_of

pytestmark = pytest.mark.runtime

LARGEST_LAYER = 15 * 1024 * 1024


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_has_its_code_and_no_more(built: Path, function: str) -> None:
    """A function's folder has the flows' files, its own among them, and nothing of the project's other folders."""
    folder = built / folder_of(load_template(), function)

    sources = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}

    assert f"{function}.py" in sources
    assert sources == {path.name for path in (ROOT / "functions").glob("*.py")}


def test_layer_has_the_shared_package_and_what_is_pinned(built: Path) -> None:
    """In the layer's python folder are every module of rekey and each pinned requirement, at the pinned version."""
    layer = built / "CommonLayer/python"
    pinned = [
        line.split()[0].replace("-", "_").replace("==", "-")
        for line in (ROOT / "layers/common/requirements.txt").read_text().splitlines()
        if "==" in line
    ]
    package = ROOT / "layers/common/rekey"

    assert {path.relative_to(package) for path in package.rglob("*.py")} == {
        path.relative_to(layer / "rekey") for path in (layer / "rekey").rglob("*.py")
    }
    assert [name for name in pinned if not (layer / f"{name}.dist-info").is_dir()] == []


def test_artefact_has_no_tests(built: Path) -> None:
    """Neither the project's tests nor those of a requirement are deployed."""
    named = {"tests", "test", "conftest.py", "pytest", "moto"}

    assert [path for path in built.rglob("*") if path.name in named or path.name.startswith("test_")] == []


def test_layer_is_small(built: Path) -> None:
    """Zipped, the layer is at most 15 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (built / "CommonLayer").rglob("*"):
            archive.write(path, path.relative_to(built / "CommonLayer"))

    assert packed.tell() <= LARGEST_LAYER


def test_built_template_names_what_is_built(built: Path) -> None:
    """The built template deploys the built folders: each function and the layer names one that is there."""
    resources = yaml.load((built / "template.yaml").read_text(), Loader=yaml.BaseLoader)["Resources"]
    named = [its["Properties"].get("CodeUri") or its["Properties"].get("ContentUri") for its in resources.values()]

    assert {name for name in named if name} == {path.name for path in built.iterdir() if path.is_dir()}
