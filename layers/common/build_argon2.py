"""Builds Argon2 with AVX2, in place of the wheel's: `python3.13 build_argon2.py x86_64 <the layer's python folder>`.

Whatever is lacking or fails, the wheel stays, one line says why, and the layer is made all the same. The reasons are in
docs/decisions/0008-argon2-build.md.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

VERSION = "26.2.0"
SHA256 = "f21ab89bb9850f32b9ca038d9961424bb0d3669d579cbbbfed068cffa6fc0643"
NEWEST_GLIBC = (2, 34)  # Amazon Linux 2023, on which Lambda's python3.13 runs
EXTENSION = "_argon2_cffi_bindings/_ffi.abi3.so"

FLAGS = ["-O3", "-march=x86-64", "-DNDEBUG", "-DPy_LIMITED_API=0x030a0000", "-fPIC", "-Iextras/libargon2/include"]
# No path, no symbol and no identifier of the build: the same compiler writes the same bytes.
LINK = ["-shared", "-pthread", "-s", "-Wl,--build-id=none", "-Wl,-z,relro,-z,now"]
SOURCES = ["argon2", "blake2/blake2b", "core", "encoding", "thread"]

# A processor without AVX2 (an emulated one under sam local) would die of the first instruction: it gets the other half.
CHOICE = """
#include "extras/libargon2/src/core.h"
void fill_segment_avx2(const argon2_instance_t *, argon2_position_t);
void fill_segment_sse2(const argon2_instance_t *, argon2_position_t);
void fill_segment(const argon2_instance_t *instance, argon2_position_t position) {
    (__builtin_cpu_supports("avx2") ? fill_segment_avx2 : fill_segment_sse2)(instance, position);
}
"""

# pip asks a source's build backend for its name before it hands it over. This answers, so that no backend is installed.
BACKEND = f"""
import os
def prepare_metadata_for_build_wheel(folder, settings=None):
    name = "argon2_cffi_bindings-{VERSION}.dist-info"
    os.mkdir(os.path.join(folder, name))
    with open(os.path.join(folder, name, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: argon2-cffi-bindings\\nVersion: {VERSION}\\n")
    return name
"""

# RFC 9106, 5.3, and a string that the published wheel made with the template's parameters.
KNOWN_ANSWERS = """
from argon2.low_level import ARGON2_VERSION, Type, core, ffi, verify_secret
out = ffi.new("uint8_t[]", 32)
given = [ffi.new("uint8_t[]", [n] * size) for n, size in ((1, 32), (2, 16), (3, 8), (4, 12))]
pairs = [part for buffer in given for part in (buffer, len(buffer))]
context = ffi.new("argon2_context *", [out, 32, *pairs, 3, 32, 4, 4, ARGON2_VERSION, ffi.NULL, ffi.NULL, 0])
assert core(context, Type.ID.value) == 0
assert bytes(out).hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
kept = b"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y"
assert verify_secret(kept, b"correct horse battery staple", Type.ID)
"""


class UnfitError(Exception):
    """Why the wheel stays."""


def main(target: str, python: Path) -> None:
    try:
        check_machine(target, python)
        with tempfile.TemporaryDirectory() as scratch:
            source = download(Path(scratch))
            replace(compile_extension(source), python)
    except (UnfitError, OSError) as reason:
        print(f"Argon2: the published wheel stays: {reason}")  # noqa: T201
    else:
        print("Argon2: built with AVX2")  # noqa: T201


def check_machine(target: str, python: Path) -> None:
    """What is built must run here, AVX2 included: what cannot be tried is not shipped."""
    if os.environ.get("ARGON2_NATIVE") == "off":
        raise UnfitError("ARGON2_NATIVE=off")
    if target != "x86_64":
        raise UnfitError(f"for {target} a build of our own is no quicker")
    if (platform.system(), platform.machine()) != ("Linux", target):
        raise UnfitError("this machine is no x86_64 Linux")
    if " avx2 " not in Path("/proc/cpuinfo").read_text():
        raise UnfitError("this machine has no AVX2")
    if not (python / f"argon2_cffi_bindings-{VERSION}.dist-info").is_dir():
        raise UnfitError(f"the layer has another version than {VERSION}")
    if not shutil.which(compiler()):
        raise UnfitError("no C compiler")


def compiler() -> str:
    return os.environ.get("CC", "cc")


def download(scratch: Path) -> Path:
    """The pinned source, from pip's index and held against its digest."""
    backend = scratch / "backend/scikit_build_core"
    backend.mkdir(parents=True)
    (backend / "build.py").write_text(BACKEND)
    pin = scratch / "source.txt"
    pin.write_text(f"argon2-cffi-bindings=={VERSION} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--no-binary=argon2-cffi-bindings", "--require-hashes", f"--requirement={pin}", f"--dest={scratch}"]
    run(command, "pip download", PYTHONPATH=str(backend.parent))
    with tarfile.open(scratch / f"argon2_cffi_bindings-{VERSION}.tar.gz") as archive:
        archive.extraction_filter = lambda member, _: member  # its digest says what is in it
        archive.extractall(scratch)  # noqa: S202
    return scratch / f"argon2_cffi_bindings-{VERSION}"


def compile_extension(source: Path) -> Path:
    """Both halves of the hash, then all the rest; inside the source, so that the bytes hold no path of this machine."""
    cc = [compiler(), *FLAGS]
    (source / "choice.c").write_text(CHOICE)
    for name in ("sse2", "avx2"):
        half = [f"-m{name}", f"-Dfill_segment=fill_segment_{name}", "extras/libargon2/src/opt.c", "-o", f"{name}.o"]
        run([*cc, "-c", *half], "compiling", cwd=source)
    files = ["src/_argon2_cffi_bindings/_ffi.c", *(f"extras/libargon2/src/{name}.c" for name in SOURCES), "choice.c"]
    include = f"-I{sysconfig.get_path('include')}"
    made = source / "src" / EXTENSION
    run([*cc, include, *files, "sse2.o", "avx2.o", *LINK, "-o", str(made)], "compiling", cwd=source)
    return made


def replace(made: Path, python: Path) -> None:
    """Puts what was made in the wheel's place once it is known to load in Lambda and to hash right."""
    if not loads_in_lambda(made.read_bytes()):
        raise UnfitError(f"what is built here needs another C library than glibc {NEWEST_GLIBC}")
    run([sys.executable, "-B", "-c", KNOWN_ANSWERS], "known answers", PYTHONPATH=f"{made.parent.parent}:{python}")
    beside = shutil.copy(made, python / f"{EXTENSION}.new")
    Path(beside).replace(python / EXTENSION)


def loads_in_lambda(extension: bytes) -> bool:
    """Whether all versioned symbols, of which a build against glibc has some, are old enough."""
    versions = {(int(major), int(minor)) for major, minor in re.findall(rb"GLIBC_(\d+)\.(\d+)", extension)}
    return bool(versions) and max(versions) <= NEWEST_GLIBC


def run(command: list[str], what: str, cwd: Path | None = None, **environment: str) -> None:
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise UnfitError(f"{what} failed: {last[0]}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
