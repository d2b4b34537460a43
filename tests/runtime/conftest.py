"""Fixtures: what `sam build` makes, and the embedded AWS with the demo account in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from local import aws, demo_account
from local.containers import ARCHITECTURE
from local.template import Template, load_template
from tests.runtime.tools import find_sam, lacking
from tests.stack import Stack


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what `sam build` makes of this checkout, for this machine's processor."""
    if reason := lacking():
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("sam")
    command = [str(find_sam()), "build", "--build-dir", f"{home}/build", "--cache-dir", f"{home}/cache"]
    command += ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    done = subprocess.run(command, env=os.environ | {"SAM_CLI_TELEMETRY": "0"}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return home / "build"


@pytest.fixture
def aws_host() -> str:
    """Where the embedded AWS listens."""
    return "127.0.0.1"


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch, aws_host: str) -> Iterator[Template]:
    """The template with what it declares made in an embedded AWS of its own, the demo account included."""
    with mock_aws():
        pass  # moto forgets what the tests before have made
    monkeypatch.setenv("AWS_HOST", aws_host)
    server = aws.make_server()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{aws_host}:{server.port}")
    server.start()
    template = load_template({"LinkOrigin": "https://app.example.com"})
    aws.create_resources(template)
    for name, value in template.environment().items():
        monkeypatch.setenv(name, value)
    demo_account.seed(template)
    yield template
    server.stop()


@pytest.fixture
def embedded(template: Template) -> Stack:
    """The same as a stack: its handlers run in this process, against those tables."""
    return Stack(template)
