"""A built function under the Lambda Runtime Interface Emulator: protocol, client and start-up as in Lambda."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.client import free_port
from local.containers import ARCHITECTURE
from local.template import Template
from tests.runtime.ports import wait_for
from tests.runtime.tools import PYTHON, find_emulator

LAYER = {"arm64": "Arm64Layer", "x86_64": "X86Layer"}[ARCHITECTURE]

_PATH = "/2015-03-31/functions/function/invocations"


@dataclass(frozen=True)
class Running:
    """A function that is served. Its runtime begins at the first invocation, as its INIT."""

    process: int  # the emulator's; the runtime is its child
    origin: str
    log: Path

    def invoke(self, event: dict[str, Any]) -> Any:
        """What the function answers."""
        request = urllib.request.Request(self.origin + _PATH, json.dumps(event).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def invoke(built: Path, template: Template, function: str, event: dict[str, Any], log: Path) -> Any:
    """What the function answers. Its log is left in a file."""
    with serve(built, template, function, log) as running:
        return running.invoke(event)


def serve(built: Path, template: Template, function: str, log: Path) -> AbstractContextManager[Running]:
    """A built function."""
    home = built / folder_of(template, function)
    return serve_handler(f"{function}.lambda_handler", home, _environment(built, home, template, function), log)


@contextmanager
def serve_handler(handler: str, home: Path, environment: dict[str, str], log: Path) -> Iterator[Running]:
    """Any handler, in its folder and with no more environment than this."""
    runtime, port = free_port(), free_port()
    command = [str(find_emulator()), "--runtime-api-address", f"127.0.0.1:{runtime}"]
    command += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += [str(PYTHON), "-m", "awslambdaric", handler]
    read_only = {"PYTHONDONTWRITEBYTECODE": "1"}  # as /var/task and /opt are
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=home, env=environment | read_only, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_for(port)
            yield Running(process.pid, f"http://127.0.0.1:{port}", log)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the emulator and the runtime it started
            process.wait()


def folder_of(template: Template, function: str) -> str:
    """The name of a function in the template, which its built folder bears."""
    functions = template.resources("AWS::Serverless::Function")
    return next(name for name, its in functions.items() if its["Handler"] == f"{function}.lambda_handler")


def _environment(built: Path, home: Path, template: Template, function: str) -> dict[str, str]:
    """The function's own variables, the way to the embedded AWS, and nothing else of this machine."""
    return {
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
        **template.environment(function),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{built}/{LAYER}/python{os.pathsep}{home}",
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(template.functions()[function]["Timeout"]),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(template.functions()[function]["MemorySize"]),
    }
