"""Takes out of a built layer what does not run in Lambda: `python slim.py <site-packages>`.

Of botocore's data stay the services in use, of Babel's the languages. The services' models lose the documentation,
which is most of them and is parsed at every cold start.
"""

import gzip
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERVICES = {
    "dynamodb": "dynamodb",
    "kms": "kms",
    "sesv2": "email",
    "events": "events",
    "sqs": "sqs",
    "resourcegroupstaggingapi": "tagging",
}  # by their name in endpoints.json
LANGUAGES = {"root", "en", "sv", "fr"}  # of Babel's data; all inherit from the first
# Of PyCryptodome the one cipher that Firebase's hashes need (docs/decisions/0013): files by their names.
CIPHER = {"__init__", "AES", "_mode_ctr", "_state_machine", "_raw_aes", "_raw_aesni", "_raw_ctr"}
CIPHER |= {"_cpu_features", "_cpuid_c", "_file_system", "_raw_api", "_threads", "number"}
UNUSED = (
    "bin",  # command-line tools
    "share",  # and their manuals
    "cffi*",  # compiles extensions; built ones need only _cffi_backend
    "pycparser*",
    "Crypto/[!CRU_]*",  # all folders but Cipher, Random and Util
    "botocore/data/*/*/examples-1.json",
    "botocore/docs/[!_u]*",  # all but utils, which hooks are made of
    "**/__pycache__",
    "**/tests",
    "**/*.pyi",
)


# What is imported for nothing, and loads much: a writer of documentation, and a search for an HTTP/2 that is not there.
NO_DOCSTRING = """
class ClientMethodDocstring(str):
    def __new__(cls, **_):
        return super().__new__(cls)


PaginatorDocstring = WaiterDocstring = ClientMethodDocstring
"""
EMPTIED = {"botocore/docs/__init__.py": "", "botocore/docs/docstring.py": NO_DOCSTRING, "urllib3/http2/__init__.py": ""}


def main(site: Path) -> None:
    for pattern in UNUSED:
        for path in list(site.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in EMPTIED.items():
        (site / name).write_text(content)
    data = site / "botocore/data"
    for path in data.iterdir():
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
    _keep(site / "babel/locale-data", lambda name: re.split(r"[._]", name)[0] in LANGUAGES)
    for folder in ("Cipher", "Random", "Util"):
        _keep(site / "Crypto" / folder, lambda name: name.partition(".")[0] in CIPHER)
    _slim_endpoints(data / "endpoints.json")
    for model in data.glob("*/*/*.json.gz"):
        _slim_model(model)


def _keep(folder: Path, is_used: Callable[[str], bool]) -> None:
    for path in folder.iterdir():
        if not is_used(path.name):
            path.unlink()


def _slim_endpoints(path: Path) -> None:
    endpoints = json.loads(path.read_text())
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in SERVICES.values() if name in services}
    _write(path, endpoints)


def _slim_model(packed: Path) -> None:
    """Unpacked, for the layer is packed as a whole: unpacking once more would be part of each cold start."""
    model = json.loads(gzip.decompress(packed.read_bytes()))
    _write(packed.with_suffix(""), _without_documentation(model))
    packed.unlink()


def _without_documentation(part: Any) -> Any:
    """A shape may have a member of that name; only texts are documentation."""
    if isinstance(part, dict):
        kept = {name: its for name, its in part.items() if name != "documentation" or not isinstance(its, str)}
        return {name: _without_documentation(its) for name, its in kept.items()}
    return [_without_documentation(its) for its in part] if isinstance(part, list) else part


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
