"""The demo applications are those that the guide tells of, and that the examples are."""

from __future__ import annotations

import base64
import urllib.parse
import urllib.request
from typing import Any

import pytest

from local.demo_clients import API, CLIENTS, secret_of
from local.template import ROOT
from rekey.oauth import clients
from tests.local.conftest import Running

GUIDE = (ROOT / "docs/connect-your-app.md").read_text()
BY_ID = {client["client_id"]: client for client in CLIENTS}


@pytest.mark.parametrize("client", CLIENTS, ids=BY_ID)
def test_the_guide_tells(client: dict[str, Any]) -> None:
    """Of each its type, its address and its secret."""
    (row,) = (line for line in GUIDE.splitlines() if line.startswith(f"| `{client['client_id']}` |"))

    assert f"`{client['type']}`" in row
    assert all(f"`{uri}`" in row for uri in client["redirect_uris"])
    assert not clients.keeps_secret(client) or f"`{secret_of(client['client_id'])}`" in row


@pytest.mark.parametrize("client_id", ["demo-web", "demo-api"])
def test_the_secret_is_taken(instance: Running, client_id: str) -> None:
    """By a running instance, as the guide prints it."""
    pair = base64.b64encode(f"{client_id}:{secret_of(client_id)}".encode()).decode()
    form = urllib.parse.urlencode({"token": "rka_x"}).encode()
    url = f"{instance.client.base_url}/oauth/introspect/client"

    with urllib.request.urlopen(urllib.request.Request(url, form, {"Authorization": f"Basic {pair}"})) as answer:
        assert answer.read() == b'{"active":false}'


def test_the_examples_are_registered() -> None:
    """Each by the id that it has if nobody says another, at the port that the guide has it on."""
    page, site = BY_ID["demo-spa"], BY_ID["demo-web"]
    settings = (ROOT / "examples/single-page/settings.js").read_text()

    assert "http.server 5173" in GUIDE
    assert page["redirect_uris"] == page["post_logout_redirect_uris"] == ["http://localhost:5173/"]
    assert f'client_id: "{page["client_id"]}"' in settings
    assert "CLIENT_ID=demo-web" in GUIDE
    assert "flask run --port 5000" in GUIDE
    assert site["redirect_uris"] == ["http://localhost:5000/signed-in"]
    assert site["post_logout_redirect_uris"] == ["http://localhost:5000/"]
    assert '"demo-native"' in (ROOT / "examples/native/whoami.py").read_text()
    assert f"AUDIENCE={API} CLIENT_ID=demo-api" in GUIDE
