"""`sam local`: the built functions in containers, as a developer starts them."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.client import free_port
from local.containers import ARCHITECTURE, HOST
from tests.runtime.ports import wait_for
from tests.runtime.tools import find_sam
from tests.stack import Answer

IMAGE = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"


def find_bridge() -> str:
    """This machine's address on the bridge that containers are on."""
    asked = ["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}"]
    subnet = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return str(next(ipaddress.ip_network(subnet).hosts()))


def invoke(template: Path, function: str, event: Path) -> Any:
    """What the function answers in a container of its own."""
    command = [*_sam("invoke", template), function, "--event", str(event)]
    done = subprocess.run(command, env=_environment(), capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


class Api:
    """The routes as `sam local start-api` serves them."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def call(self, key: str, body: Any = None, token: str | None = None) -> Answer:
        method, path = key.split()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._origin + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=240) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, dict(refused.headers), refused.read().decode())


@contextmanager
def start_api(template: Path, log: Path) -> Iterator[Api]:
    """Serve the routes until the block ends. A function's container is made at its first call, and kept."""
    port = free_port()
    command = [*_sam("start-api", template), "--host", "127.0.0.1", "--port", str(port), "--warm-containers", "LAZY"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=_environment(), stdout=output, stderr=output)
        try:
            wait_for(port)
            yield Api(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()  # it removes its containers; SIGINT is ignored by what a shell began in the background
            process.wait(240)


def _sam(subcommand: str, template: Path) -> list[str]:
    """An image that is here is not asked for again: it may have been made here."""
    is_here = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False).returncode == 0
    command = [str(find_sam()), "local", subcommand, "--template", str(template)]
    return [*command, "--add-host", f"{HOST}:host-gateway", *(["--skip-pull-image"] if is_here else [])]


def _environment() -> dict[str, str]:
    return os.environ | {"SAM_CLI_TELEMETRY": "0"}
