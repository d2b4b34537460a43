"""What `sam build` makes: whole, compiled, and nothing besides."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
import yaml

from local.template import ROOT, load_template
from rekey.languages.preference import LANGUAGES
from tests.runtime.emulator import folder_of
from tests.scenarios.samples import FUNCTIONS

pytestmark = pytest.mark.runtime

LARGEST_LAYER = 15 * 1024 * 1024


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_has_its_code_and_no_more(built: Path, function: str) -> None:
    """A function's folder has the flows' files, its own among them, and nothing of the project's other folders."""
    folder = built / folder_of(load_template(), function)

    sources = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}
    others = {path.name for path in folder.iterdir()} - sources - {"__pycache__"}

    assert f"{function}.py" in sources
    assert sources == {path.name for path in (ROOT / "functions").glob("*.py")}
    assert others == ({"web"} if function == "pages" else set())


@pytest.fixture(params=["Arm64Layer", "X86Layer"])
def layer(built: Path, request: pytest.FixtureRequest) -> Path:
    """Each layer's python folder: both are built, and the template deploys the one that is chosen."""
    return built / str(request.param) / "python"


def test_layer_has_the_shared_package_and_what_is_pinned(layer: Path) -> None:
    """In the layer's python folder are every file of rekey and each pinned requirement, at the pinned version.

    What compiles extensions is not: cffi's compiled part alone runs.
    """
    pinned = [
        line.split()[0].replace("-", "_").replace("==", "-")
        for line in (ROOT / "layers/common/requirements.txt").read_text().splitlines()
        if "==" in line
    ]
    package = ROOT / "layers/common/rekey"

    assert {path.relative_to(package) for path in package.rglob("*") if "__pycache__" not in path.parts} == {
        path.relative_to(layer / "rekey") for path in (layer / "rekey").rglob("*") if "__pycache__" not in path.parts
    }
    absent = [name for name in pinned if not (layer / f"{name}.dist-info").is_dir()]
    assert [name.partition("-")[0] for name in absent] == ["cffi", "pycparser"]


def test_layer_is_for_its_architecture(layer: Path) -> None:
    """Every compiled extension of a layer is for the processor that the layer is for (ELF's e_machine)."""
    machine, count = {"Arm64Layer": (183, 11), "X86Layer": (62, 12)}[layer.parent.name]  # one more has AES in hardware
    extensions = list(layer.rglob("*.so"))

    assert len(extensions) == count
    assert {struct.unpack_from("<H", path.read_bytes(), 18)[0] for path in extensions} == {machine}


def test_everything_is_compiled(built: Path) -> None:
    """Each source has its bytecode, for 3.13 and with a hash that is not checked: Lambda could not write it."""
    sources = list(built.rglob("*.py"))
    compiled = [path.parent / f"__pycache__/{path.stem}.cpython-313.pyc" for path in sources]

    assert [path for path in compiled if struct.unpack_from("<I", path.read_bytes(), 4) != (1,)] == []
    assert len(list(built.rglob("*.pyc"))) == len(sources)


def test_bytecode_names_where_it_runs(layer: Path) -> None:
    """A traceback names the file as it is in Lambda, not where it was built."""
    code = (layer / "rekey/aws/__pycache__/store.cpython-313.pyc").read_bytes()

    assert b"/opt/python/rekey/aws/store.py" in code
    assert str(layer.parent).encode() not in code


def test_layer_describes_the_services_in_use(layer: Path) -> None:
    """Of the SDK's descriptions of services there are those that Rekey calls, and without their documentation."""
    data = layer / "botocore/data"

    services = {"dynamodb", "kms", "sesv2", "events", "sqs", "resourcegroupstaggingapi"}
    assert {path.name for path in data.iterdir() if path.is_dir()} == services
    assert not [path for path in data.rglob("*.json") if '"documentation":"' in path.read_text()]


def test_layer_writes_dates_in_our_languages(layer: Path) -> None:
    """Of Babel's data there are those of our languages, and what all inherit from."""
    data = {path.name.split(".")[0].split("_")[0] for path in (layer / "babel/locale-data").glob("*.dat")}

    assert data == {"root", *LANGUAGES}


def test_artefact_has_no_tests(built: Path) -> None:
    """Neither the project's tests nor those of a requirement are deployed, nor what only builds."""
    named = {"tests", "test", "conftest.py", "pytest", "moto", "boto3", "pip", "bin"}

    assert [path for path in built.rglob("*") if path.name in named or path.name.startswith("test_")] == []


def test_layer_is_small(layer: Path) -> None:
    """Zipped, the layer is at most 15 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in layer.rglob("*"):
            archive.write(path, path.relative_to(layer))

    assert packed.tell() <= LARGEST_LAYER


def test_built_template_names_what_is_built(built: Path) -> None:
    """The built template deploys the built folders: each function, layer and nested stack names one that is there."""
    resources = yaml.load((built / "template.yaml").read_text(), Loader=yaml.BaseLoader)["Resources"]
    properties = [its.get("Properties", {}) for its in resources.values()]
    named = [its.get("CodeUri") or its.get("ContentUri") or its.get("Location") for its in properties]

    assert {name.partition("/")[0] for name in named if name} == {
        path.name for path in built.iterdir() if path.is_dir()
    }
