"""The examples of docs/connect-your-app.md, run as they stand."""

from __future__ import annotations

import http.cookiejar
import json
import re
import shutil
import stat
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.client import free_port
from local.jwt_authorizer import JwtApi
from local.server import Received
from local.template import ROOT
from tests.clients.applications import AUDIENCE, NOBODY_WAITS, Rekey, serving
from tests.clients.tools import PYTHON, run

pytestmark = pytest.mark.clients
REDIRECT = "http://localhost:8080/signed-in"
EXAMPLES = ROOT / "examples"


class Browser:
    """Keeps cookies, and goes where it is sent, unless that is Rekey's: there the person acts."""

    def __init__(self, rekey: Rekey) -> None:
        self._rekey = rekey
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar, _Staying())
        self.at = self.stops_at = ""

    def open(self, url: str, form: dict[str, str] | None = None) -> str:
        """The page that it comes to in the end."""
        self.at = url
        if self.stops_at and url.startswith(self.stops_at):
            return ""
        try:
            with self._opener.open(url, urllib.parse.urlencode(form).encode() if form is not None else None) as page:
                return str(page.read().decode())
        except urllib.error.HTTPError as answer:
            with answer:
                if not 300 <= answer.code < 400:
                    return str(answer.read().decode())
                return self.open(self._through(urllib.parse.urljoin(url, answer.headers["Location"])))

    def _through(self, url: str) -> str:
        """Where an address of Rekey's leads the person on to; any other as it is."""
        path = url.removeprefix(self._rekey.issuer).partition("?")[0]
        if path == "/oauth/authorize":
            return self._rekey.allow(url)
        return self._rekey.sign_out(url) if path == "/oauth/logout" else url


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """It is looked at where one is sent."""


@pytest.fixture(scope="module")
def site(rekey: Rekey) -> Iterator[str]:
    """examples/flask-site."""
    port = free_port()
    home = f"http://localhost:{port}/"
    secret = rekey.register("flask-site", "web", f"{home}signed-in", post_logout_redirect_uris=[home])
    told = {"ISSUER": rekey.issuer, "CLIENT_ID": "flask-site", "CLIENT_SECRET": str(secret), "SECRET_KEY": "of-a-test"}
    with serving("flask-site", port, "flask", "--app", "app", "run", **told, INSECURE_COOKIES="1") as origin:
        yield origin


@pytest.fixture
def browser(rekey: Rekey) -> Browser:
    return Browser(rekey)


def test_flask_site(site: str, browser: Browser, rekey: Rekey) -> None:
    """Authlib signs the person in, and out here and at Rekey, which leads back."""
    assert "Signed out." in browser.open(site)

    assert f"Signed in as {rekey.email}." in browser.open(f"{site}/sign-in")
    assert browser.at == f"{site}/"

    assert "Signed out." in browser.open(f"{site}/sign-out", {})
    assert browser.at.partition("?")[0] == f"{site}/"
    assert "Signed out." in browser.open(site)


def test_flask_site_refuses_what_it_did_not_ask_for(site: str, browser: Browser, rekey: Rekey) -> None:
    """An answer to another browser's request signs nobody in."""
    other = Browser(rekey)
    other.stops_at = f"{site}/signed-in"
    other.open(f"{site}/sign-in")

    assert "Signed out." in browser.open(other.at)
    assert "Signed out." in browser.open(site)


@pytest.fixture(scope="module")
def api(rekey: Rekey) -> Iterator[str]:
    """examples/fastapi-api, and two applications that call it: one with JWTs, one with opaque tokens."""
    for kind in ("jwt", "opaque"):
        rekey.register(f"calls-{kind}", "spa", REDIRECT, access_tokens=kind, audiences=[AUDIENCE])
    rekey.register("calls-another", "spa", REDIRECT, audiences=["https://another.example.com"])
    secret = rekey.register("fastapi-api", "service", audiences=[AUDIENCE], scopes=[])
    told = {"ISSUER": rekey.issuer, "AUDIENCE": AUDIENCE, "CLIENT_ID": "fastapi-api", "CLIENT_SECRET": str(secret)}
    with serving("fastapi-api", free_port(), "uvicorn", "api:app", **told, ORIGINS="http://localhost:5173") as origin:
        yield origin


def ask(url: str, token: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with NOBODY_WAITS.open(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers["WWW-Authenticate"]


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_fastapi_api(api: str, rekey: Rekey, kind: str) -> None:
    """PyJWT reads a JWT by the keys that discovery leads to; of an opaque token the API asks. Scopes count for both."""
    all_of_it = rekey.tokens(f"calls-{kind}", REDIRECT, "openid orders.read")
    less = rekey.tokens(f"calls-{kind}", REDIRECT, "openid")

    caller = {"sub": rekey.account_id, "client_id": f"calls-{kind}", "scope": "openid orders.read"}
    assert all_of_it["access_token"].startswith("eyJ") == (kind == "jwt")
    assert ask(f"{api}/me", all_of_it["access_token"]) == (200, caller)
    assert ask(f"{api}/orders", all_of_it["access_token"]) == (200, ["4711"])
    assert ask(f"{api}/orders", less["access_token"])[0] == 403


@pytest.mark.parametrize("kind", ["jwt", "opaque"])
def test_fastapi_api_refuses(api: str, rekey: Rekey, kind: str) -> None:
    """No token, an ID token, one of another API or of nobody, a JWT that was changed."""
    tokens = rekey.tokens(f"calls-{kind}", REDIRECT, "openid")
    elsewhere = rekey.tokens("calls-another", REDIRECT, "openid")["access_token"]
    changed = re.sub(r".(?=.$)", lambda last: "A" if last[0] != "A" else "B", tokens["access_token"])

    assert ask(f"{api}/me") == (401, "Bearer")
    for token in (tokens["id_token"], elsewhere, rekey.bearer, changed, "eyJ.eyJ.x", "x"):
        assert ask(f"{api}/me", token) == (401, 'Bearer error="invalid_token"')


def test_an_opaque_token_is_refused_once_revoked(api: str, rekey: Rekey) -> None:
    """At the next request; a JWT passes until it expires, which the guide says."""
    told = rekey.tokens("calls-opaque", REDIRECT, "openid")["access_token"]
    assert ask(f"{api}/me", told)[0] == 200
    form = urllib.parse.urlencode({"token": told, "client_id": "calls-opaque"}).encode()
    NOBODY_WAITS.open(f"{rekey.issuer}/oauth/revoke", form).close()

    assert ask(f"{api}/me", told)[0] == 401


@pytest.fixture
def whoami(rekey: Rekey, tmp_path: Path) -> Callable[..., str]:
    """Runs examples/native; what it prints. `open` is the person's browser."""
    shutil.copytree(Path(__file__).parent / "libraries", tmp_path / "libraries")
    told = {"issuer": rekey.issuer, "bearer": rekey.bearer}

    def run_it(*arguments: str) -> str:
        return run(
            PYTHON,
            EXAMPLES / "native/whoami.py",
            *arguments,
            ISSUER=rekey.issuer,
            CLIENT_ID="whoami",
            TOKENS=str(tmp_path / "tokens.json"),
            TOLD=json.dumps(told),
            BROWSER=f"{tmp_path}/libraries/browser.mjs %s &",
        )

    return run_it


def test_native(rekey: Rekey, whoami: Callable[..., str], tmp_path: Path) -> None:
    """By the browser once, then by what it keeps for its user alone; after a sign-out that is revoked."""
    rekey.register("whoami", "native", "http://127.0.0.1/signed-in")
    kept = tmp_path / "tokens.json"

    assert whoami() == f"{rekey.email}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first = kept.read_text()
    token = json.loads(first)
    kept.write_text(json.dumps(token | {"expires_at": 0}))
    assert whoami() == f"{rekey.email}\n"
    assert json.loads(kept.read_text())["access_token"] != token["access_token"]

    renewed = kept.read_text()
    assert whoami("sign-out") == "Signed out.\n"
    assert not kept.exists()
    kept.write_text(renewed)
    with pytest.raises(AssertionError, match="Your session has ended"):
        whoami()


def test_jwt_authorizer_api(api: str, rekey: Rekey) -> None:
    """API Gateway's rules take Rekey's JWTs; neither its opaque tokens, nor an ID token, nor one without the scope."""
    assert api
    gateway = JwtApi({"Issuer": rekey.issuer, "Audience": AUDIENCE})

    def status(token: str) -> int:
        return gateway.answer(
            Received("GET", "/orders", "", [("authorization", f"Bearer {token}")], b"", "192.0.2.1")
        ).status

    right = rekey.tokens("calls-jwt", REDIRECT, "openid orders.read")
    assert status(right["access_token"]) == 200
    assert status(rekey.tokens("calls-jwt", REDIRECT, "openid")["access_token"]) == 403
    assert status(right["id_token"]) == 401
    assert status(rekey.tokens("calls-opaque", REDIRECT, "openid orders.read")["access_token"]) == 401


def test_what_runs_is_what_is_pinned() -> None:
    """The page takes its library from npm as the example pins it."""
    pinned = json.loads((EXAMPLES / "single-page/package.json").read_text())["dependencies"]
    installed = json.loads((Path(__file__).parent / "package.json").read_text())["devDependencies"]

    assert pinned.items() <= installed.items()
