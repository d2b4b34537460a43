"""What is started: Rekey as it is deployed, the same code as SAM's own builder leaves it, and a bare handler."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local.containers import ARCHITECTURE
from local.template import ROOT, load_template
from tests.runtime.tools import find_sam, lacking, lacking_emulator

# The least a Lambda function of this kind does. Its client is made at INIT, its call with the first event.
BARE = """
import boto3

client = boto3.client("dynamodb")


def lambda_handler(event, context):
    client.get_item(TableName="AccountsTable", Key={"pk": {"S": "nobody"}, "sk": {"S": "nobody"}})
    return True
"""


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Gone with the process."""
    if reason := lacking() or lacking_emulator():
        raise SystemExit(reason)
    return tempfile.TemporaryDirectory(prefix="rekey-")


@cache
def ours() -> Path:
    """What `sam build` makes of the template."""
    return _build("ours", ROOT / "template.yaml")


@cache
def stock() -> Path:
    """What it makes of the same code and pins when the template leaves the building to SAM."""
    path = Path(_scratch().name) / "stock.yaml"
    path.write_text(yaml.safe_dump(stock_template(load_template().document)))
    shutil.copy(ROOT / "watching.yaml", path.parent)  # which it nests
    built = _build("stock", path)
    shutil.copytree(ROOT / "web", built / "PagesFunction/web")  # which a builder for Python does not know of
    return built


def stock_template(document: dict[str, Any]) -> dict[str, Any]:
    """The template without makefiles: SAM's builder for Python copies the code and installs the requirements."""
    resources = {}
    for name, resource in document["Resources"].items():
        stock = dict(resource)
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            stock["Metadata"] = resource["Metadata"] | {"BuildMethod": "python3.13"}
        elif resource["Type"] == "AWS::Serverless::Function":
            stock.pop("Metadata", None)
        resources[name] = stock
    return document | {"Resources": resources}


@cache
def bare() -> Path:
    """A handler that makes boto3's DynamoDB client; boto3 is the runtime's own."""
    home = Path(_scratch().name) / "bare"
    home.mkdir()
    (home / "bare.py").write_text(BARE)
    return home


def _build(name: str, template: Path) -> Path:
    home = Path(_scratch().name) / name
    command = [str(find_sam()), "build", "--template", str(template), "--base-dir", str(ROOT)]
    command += ["--build-dir", f"{home}/build", "--cache-dir", f"{home}/cache"]
    command += ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return home / "build"
