"""Client libraries as they come, from discovery alone: each signs a person in to an application, and goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.client import free_port
from tests.clients.applications import AUDIENCE, Rekey, with_modules
from tests.clients.tools import run

pytestmark = pytest.mark.clients
REDIRECT = "http://localhost:8080/signed-in"  # nobody listens there: what would be sent to it is handed over
Program = Callable[..., dict[str, Any]]


@pytest.fixture
def program(tmp_path: Path, rekey: Rekey) -> Program:
    """Runs a program of libraries/ for an application that it registers; what it reports."""
    shutil.copytree(Path(__file__).parent / "libraries", tmp_path, dirs_exist_ok=True)
    with_modules(tmp_path)
    (tmp_path / "xdg-open").symlink_to("browser.mjs")

    def run_for(name: str, kind: str, redirect_uri: str = REDIRECT, **told: Any) -> dict[str, Any]:
        client_id = f"{name.replace('_', '-')}-{told.pop('called', kind)}"
        registered = told.pop("registered", {})
        secret = rekey.register(client_id, kind, redirect_uri, **registered)
        told |= {"issuer": rekey.issuer, "bearer": rekey.bearer, "client_id": client_id, "client_secret": secret}
        told["redirect_uri"] = told.pop("presented", redirect_uri)
        path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
        printed = run("node", f"{name}.mjs", cwd=tmp_path, TOLD=json.dumps(told), PATH=path)
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return found

    return run_for


@pytest.mark.parametrize("authentication", ["ClientSecretBasic", "ClientSecretPost"])
def test_openid_client(program: Program, rekey: Rekey, authentication: str) -> None:
    """An application with a secret: its tokens are narrowed, introspected and revoked, and its code is good once."""
    rekey_told = program("openid_client", "web", called=authentication.lower(), authentication=authentication)

    assert rekey_told == {
        "sub": rekey.account_id,
        "email": rekey.email,
        "granted": "openid email profile offline_access",
        "renewed": "openid",
        "active": [True, False],
        "again": "invalid_grant",
        "logout": "/oauth/logout",
    }


def test_oauth4webapi(program: Program, rekey: Rekey) -> None:
    """A public application with JWT access tokens, which an API reads by RFC 9068."""
    jwt = {"access_tokens": "jwt", "audiences": [AUDIENCE]}

    assert program("oauth4webapi", "spa", registered=jwt, audience=AUDIENCE) == {
        "sub": rekey.account_id,
        "email": rekey.email,
        "access": [rekey.account_id, "oauth4webapi-spa", "openid email offline_access orders.read"],
        "renewed": True,
        "refused": "invalid_grant",
        "alike": True,
    }


def test_auth_js(program: Program, rekey: Rekey) -> None:
    """A site of Auth.js, whose session names the person."""
    site = "http://localhost:8080"

    assert program("auth_core", "web", f"{site}/auth/callback/rekey") == {
        "went": site,
        "sub": rekey.account_id,
        "email": rekey.email,
    }


def test_appauth(program: Program, rekey: Rekey) -> None:
    """A program on the person's machine, on whichever port is free (RFC 8252 §7.3)."""
    presented = f"http://127.0.0.1:{free_port()}/signed-in"

    assert program("appauth", "native", "http://127.0.0.1/signed-in", presented=presented) == {
        "sub": rekey.account_id,
        "email": rekey.email,
        "renewed": True,
    }
