"""Points what `sam build` made at the instance that `AWS_HOST=0.0.0.0 AWS_PORT=4566 make run` runs, for `sam local`.

`sam local --env-vars` sets no variable that the template does not declare, and AWS_ENDPOINT_URL has no place in the
template. So the built one gets a sibling that declares it.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import yaml

from local import demo_account
from local.template import REGION, ROOT, Template

HOST = "host.docker.internal"  # this machine, as a container calls it, once told: --add-host
ARCHITECTURE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


def write_template(built: Path, template: Template, port: int) -> Path:
    """The built template with its functions' environment leading to the embedded AWS on a port of this machine."""
    document: dict[str, Any] = yaml.safe_load((built / "template.yaml").read_text())
    document["Parameters"]["Architecture"]["Default"] = ARCHITECTURE
    document["Parameters"]["BreachedPasswords"]["Default"] = template.parameters["BreachedPasswords"]
    document["Globals"]["Function"]["Environment"]["Variables"] |= {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_ACCESS_KEY_ID": "local",  # no credential of the machine enters a container
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "TOTP_KEY": template.physical["TotpKey"],
        "SIGNING_KEY": template.physical["SigningKey"],
    }
    written = built / "local.yaml"
    written.write_text(yaml.safe_dump(document, sort_keys=False))
    return written


if __name__ == "__main__":
    aws_port = int(os.environ["AWS_PORT"])
    running = demo_account.find_template(aws_port)
    demo_account.seed(running)
    name = write_template(ROOT / ".aws-sam/build", running, aws_port).relative_to(ROOT)
    options = f"-t {name} --add-host {HOST}:host-gateway"
    print(f"""The demo account is in the tables. Now, for example:
  .sam/bin/sam local invoke ForgotFunction -e events/forgot.json {options}
  .sam/bin/sam local start-api --port 3001 {options}""")
