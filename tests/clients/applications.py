"""What an operator, a person and their browser do with applications, over HTTP: the clients do the rest."""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.client import Answer
from local.template import ROOT
from rekey_admin import api
from rekey_admin.target import Target
from tests.clients.tools import HOME, PYTHON
from tests.local.conftest import PATIENCE, Running

AUDIENCE = "https://api.example.com"  # as examples/jwt-authorizer-api has it
NOBODY_WAITS = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Rekey:
    """A running instance, and somebody who is signed in there."""

    instance: Running
    email: str
    bearer: str

    @property
    def issuer(self) -> str:
        return self.instance.client.base_url

    @cached_property
    def account_id(self) -> str:
        return str(self.instance.client.call("GET /account", bearer=self.bearer).json["account_id"])

    def register(self, client_id: str, kind: str, *redirect_uris: str, **registered: Any) -> str | None:
        """As `rekey-admin client add --local` does: the secret, where there is one."""
        os.environ["PORT"] = str(self.instance.port)
        nobody = {"stack": None, "api": None, "profile": None, "region": None}
        body = {
            "client_id": client_id,
            "name": client_id.title(),
            "type": kind,
            "redirect_uris": redirect_uris,
            "scopes": ["openid", "email", "profile", "offline_access", "orders.read"],
            "reason": "tests",
            **registered,
        }
        secret: str | None = api.call(Target(argparse.Namespace(local=True, **nobody)), "clients/add", body)[
            "client_secret"
        ]
        return secret

    def allow(self, url: str) -> str:
        """What the page at /oauth/authorize does for the person, who allows all that is asked: where it leads."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        answer = self._authorize(asked)
        if answer.status == 403:
            answer = self._authorize(asked | {"page": {"consent": answer.json["scopes"]}})
        assert answer.status == 200, answer.json
        return str(answer.json["redirect_to"])

    def _authorize(self, body: dict[str, Any]) -> Answer:
        return self.instance.client.call("POST /oauth/authorize", body, bearer=self.bearer)

    def sign_out(self, url: str) -> str:
        """What the page at /oauth/logout does for a person who is signed in to the application alone."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        answer = self.instance.client.call("POST /oauth/logout", asked)
        assert answer.status == 200, answer.json
        return str(answer.json["redirect_to"])

    def tokens(self, client_id: str, redirect_uri: str, scope: str) -> dict[str, Any]:
        """What a public application gets for a code."""
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        told = {"client_id": client_id, "redirect_uri": redirect_uri}
        asked = {"response_type": "code", "scope": scope, "code_challenge": challenge, "code_challenge_method": "S256"}
        back = urllib.parse.urlsplit(
            self.allow(f"{self.issuer}/oauth/authorize?{urllib.parse.urlencode(told | asked)}")
        )
        code = urllib.parse.parse_qs(back.query)["code"][0]
        form = told | {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        with NOBODY_WAITS.open(f"{self.issuer}/oauth/token", urllib.parse.urlencode(form).encode()) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


@contextlib.contextmanager
def serving(example: str, port: int, *program: str, **environment: str) -> Iterator[str]:
    """An example's server, run by its own Python: its origin."""
    origin = f"http://localhost:{port}"
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PORT"}}
    process = subprocess.Popen(
        [str(PYTHON), "-m", *program, "--port", str(port)],
        cwd=ROOT / "examples" / example,
        env=kept | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(origin, process)
        yield origin
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(origin: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            NOBODY_WAITS.open(origin, timeout=PATIENCE).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise AssertionError("the example does not answer")


def with_modules(folder: Path) -> Path:
    """A folder whose programs find what npm has installed."""
    (folder / "node_modules").symlink_to(HOME / "node_modules")
    return folder
