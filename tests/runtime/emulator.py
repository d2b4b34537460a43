"""A built function under the Lambda Runtime Interface Emulator: protocol, client and start-up as in Lambda."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.client import free_port
from local.containers import ARCHITECTURE
from local.template import Template
from tests.runtime.ports import wait_for
from tests.runtime.tools import PYTHON, find_emulator

LAYER = {"arm64": "Arm64Layer", "x86_64": "X86Layer"}[ARCHITECTURE]

_PATH = "/2015-03-31/functions/function/invocations"


def invoke(built: Path, template: Template, function: str, event: dict[str, Any], log: Path) -> Any:
    """What the function answers. Its log is left in a file."""
    with _serve(built, template, function, log) as origin:
        request = urllib.request.Request(origin + _PATH, json.dumps(event).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def _serve(built: Path, template: Template, function: str, log: Path) -> Iterator[str]:
    runtime, port = free_port(), free_port()
    command = [str(find_emulator()), "--runtime-api-address", f"127.0.0.1:{runtime}"]
    command += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += [str(PYTHON), "-m", "awslambdaric", f"{function}.lambda_handler"]
    home = built / folder_of(template, function)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=_environment(built, home, template, function),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
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
