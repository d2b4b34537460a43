"""The layer's own build of Argon2: right, loadable in Lambda, the same bytes each time; else the wheel stays."""

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import argon2
import pytest

import build_argon2
from local.template import ROOT

pytestmark = pytest.mark.runtime

PACKAGES = Path(argon2.__file__).parent.parent
WHEEL = (PACKAGES / build_argon2.EXTENSION).read_bytes()


def lacking() -> str | None:
    """Why nothing can be built here; None where it can."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "only built on x86_64 Linux"
    if " avx2 " not in Path("/proc/cpuinfo").read_text():
        return "this machine has no AVX2"
    if not shutil.which("cc") or not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "no C compiler, or not Python's headers: apt-get install gcc libc6-dev python3-dev"
    return None if find_spec("pip") else "no pip"


needs_compiler = pytest.mark.skipif(lacking() is not None, reason=str(lacking()))


def make_layer(python: Path) -> Path:
    for package in ("argon2", "_argon2_cffi_bindings"):
        shutil.copytree(PACKAGES / package, python / package)
    (python / f"argon2_cffi_bindings-{version('argon2-cffi-bindings')}.dist-info").mkdir()
    return python


def make_compiler(folder: Path, before: str) -> str:
    """A C compiler that does something else first, inside the source."""
    path = folder / "compiler"
    path.write_text(f'#!/bin/sh\n{before}\nexec cc "$@"\n')
    path.chmod(0o755)
    return str(path)


def build(python: Path, target: str = "x86_64", **environment: str) -> str:
    """The one line that a build says; it never fails."""
    command = [sys.executable, str(ROOT / "layers/common/build_argon2.py"), target, str(python)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")
    return done.stdout


def extension(python: Path) -> bytes:
    return (python / build_argon2.EXTENSION).read_bytes()


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A python folder with Argon2 as pip installs it."""
    return make_layer(tmp_path / "python")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the build in it."""
    python = make_layer(tmp_path_factory.mktemp("built") / "python")
    assert build(python) == "Argon2: built with AVX2\n"
    assert extension(python) != WHEEL
    return python


def test_pinned_source_is_the_wheels() -> None:
    """The source that is built has the version that the layer's requirements pin."""
    pinned = re.search(r"argon2-cffi-bindings==(\S+)", (ROOT / "layers/common/requirements.txt").read_text())

    assert pinned
    assert pinned[1] == build_argon2.VERSION


def test_known_answers_hold_of_the_wheel() -> None:
    """The published wheel gives the known answers: they are Argon2's, not the build's."""
    subprocess.run([sys.executable, "-c", build_argon2.KNOWN_ANSWERS], check=True)


@needs_compiler
def test_built_hashes_as_the_wheel(built: Path) -> None:
    """The build verifies a hash of the wheel's, and the wheel one of the build's."""
    theirs = argon2.PasswordHasher().hash("a password")
    code = (
        f"import argon2; h = argon2.PasswordHasher(); h.verify({theirs!r}, 'a password'); print(h.hash('a password'))"
    )

    ours = subprocess.check_output([sys.executable, "-B", "-c", code], env={"PYTHONPATH": str(built)}, text=True)

    assert argon2.PasswordHasher().verify(ours.strip(), "a password")


@needs_compiler
def test_half_without_avx2_is_right(layer: Path) -> None:
    """What a processor without AVX2 is given knows the answers too."""
    chosen = "sed -i 's/__builtin_cpu_supports(\"avx2\")/0/' choice.c; grep -q '(0 ?' choice.c || exit 1"

    assert build(layer, CC=make_compiler(layer.parent, chosen)) == "Argon2: built with AVX2\n"


@needs_compiler
def test_built_asks_the_processor(built: Path) -> None:
    """The build has code for AVX2 and code without, none beyond AVX2, and asks the processor which it may run."""
    if not shutil.which("objdump"):
        pytest.skip("no objdump: apt-get install binutils")
    code = subprocess.check_output(["objdump", "-d", built / build_argon2.EXTENSION])

    assert {word for word in (b"%ymm", b"pmuludq %xmm", b"cpuid", b"%zmm") if word in code} == {
        b"%ymm",
        b"pmuludq %xmm",
        b"cpuid",
    }


@needs_compiler
def test_built_twice_is_the_same(built: Path, layer: Path) -> None:
    """A second build, in another folder, has the same bytes."""
    build(layer)

    assert extension(layer) == extension(built)


@needs_compiler
def test_built_loads_in_lambda(built: Path) -> None:
    """The build needs no newer glibc than Amazon Linux 2023's."""
    assert build_argon2.loads_in_lambda(extension(built))


def test_newer_glibc_is_seen() -> None:
    """An extension that needs a newer glibc than Lambda's, or another C library, is known as such."""
    assert build_argon2.loads_in_lambda(b"GLIBC_2.2.5\0GLIBC_2.34\0")
    assert not build_argon2.loads_in_lambda(b"GLIBC_2.2.5\0GLIBC_2.38\0")
    assert not build_argon2.loads_in_lambda(b"libc.musl-x86_64.so.1")


@needs_compiler
@pytest.mark.parametrize(
    ("reason", "before"),
    [
        ("compiling failed", "exit 1"),
        ("known answers failed", "sed -i 's/curr_block, 1)/curr_block, 0)/' extras/libargon2/src/opt.c"),
    ],
)
def test_wheel_stays_when_the_build_is_bad(layer: Path, reason: str, before: str) -> None:
    """A build that fails, or hashes wrong, leaves the wheel and says so."""
    said = build(layer, CC=make_compiler(layer.parent, before))

    assert said.startswith(f"Argon2: the published wheel stays: {reason}")
    assert extension(layer) == WHEEL


@needs_compiler
@pytest.mark.parametrize(("name", "value"), [("SHA256", "0" * 64), ("NEWEST_GLIBC", (2, 2))])
def test_wheel_stays_when_the_pin_or_glibc_differs(
    layer: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    """A source with another digest is not built, and what Lambda could not load is not kept."""
    monkeypatch.setattr(build_argon2, name, value)

    build_argon2.main("x86_64", layer)

    assert extension(layer) == WHEEL


@pytest.mark.parametrize(
    ("target", "environment"),
    [("x86_64", {"PATH": ""}), ("x86_64", {"ARGON2_NATIVE": "off"}), ("arm64", {})],
)
def test_wheel_stays_where_nothing_is_built(layer: Path, target: str, environment: dict[str, str]) -> None:
    """Without a compiler, switched off or for arm64, the wheel stays."""
    said = build(layer, target, **environment)

    assert said.startswith("Argon2: the published wheel stays: ")
    assert extension(layer) == WHEEL
