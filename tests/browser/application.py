"""An application on this machine that people sign in to: registered as an operator does it, with a page of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.client import Answer
from local.template import REGION
from tests.browser.person import Person
from tests.local.conftest import PATIENCE, Running

if TYPE_CHECKING:
    from playwright.sync_api import Page

TWO_FACTORS = "urn:rekey:acr:two-factors"
SCOPES = ["openid", "email", "offline_access", "orders:read"]


class Application:
    """What is registered, and what its program knows."""

    def __init__(self, instance: Running, port: int = 80, name: str = "Orders", **about: Any) -> None:
        self._instance = instance
        self.name, self.client_id = name, f"app-{secrets.token_hex(4)}"
        self.origin = f"http://127.0.0.1:{port}"
        self.callback, self.farewell = f"{self.origin}/callback", f"{self.origin}/farewell"
        self.verifier = secrets.token_urlsafe(32)
        registered = {
            "client_id": self.client_id,
            "name": name,
            "type": "spa",
            "redirect_uris": [self.callback],
            "post_logout_redirect_uris": [self.farewell],
            "scopes": SCOPES,
            "reason": "A test",
            **about,
        }
        answer = admin(instance, "clients/add", registered)
        assert answer.status == 201, answer

    def asks(self, **parameters: str) -> str:
        """The path to which it sends people: a request with all that it should have, and what is named instead."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": " ".join(SCOPES),
            "state": secrets.token_urlsafe(8),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **parameters,
        }
        return f"/oauth/authorize?{urllib.parse.urlencode(asked)}"

    def told(self, page: Page) -> dict[str, str]:
        """What it is told once the browser is there."""
        page.wait_for_url(f"{self.callback}?**")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))

    def redeem(self, code: str) -> Answer:
        """What its program gets for a code."""
        return self.call(
            "/oauth/token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.callback,
            client_id=self.client_id,
            code_verifier=self.verifier,
        )

    def call(self, path: str, **form: str) -> Answer:
        request = urllib.request.Request(self._instance.client.base_url + path, urllib.parse.urlencode(form).encode())
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, dict(answer.headers), json.loads(answer.read()))
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, dict(refusal.headers), json.loads(refusal.read()))


def admin(instance: Running, act: str, body: dict[str, Any]) -> Answer:
    """An act of an operator's, signed as the local instance takes it."""
    url = f"{instance.client.base_url}/admin/{act}"
    request = AWSRequest("POST", url, {"Content-Type": "application/json"}, json.dumps(body).encode())
    SigV4Auth(Credentials("local", "local"), "execute-api", REGION).add_auth(request)
    return instance.client.call(f"POST /admin/{act}", body, headers=dict(request.headers.items()))


@contextmanager
def pages(body: str = "<!doctype html><html lang=en><title>Orders</title><h1>Orders</h1></html>") -> Iterator[int]:
    """A server of an origin of its own, which answers every request with one page: its port."""

    class _Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def allow(person: Person) -> None:
    """On the page that asks for consent."""
    person.at("consent")
    person.submit()
