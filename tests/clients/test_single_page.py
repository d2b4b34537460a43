"""examples/single-page in Chromium: oidc-client-ts as it comes, without a build."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from local.client import free_port
from local.template import ROOT
from tests.clients.applications import AUDIENCE, Rekey, serving, with_modules
from tests.local.conftest import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.clients, pytest.mark.browser]
PATIENCE = 15_000  # ms that anything may take, on a busy machine
LIFE = 900  # seconds of an access token


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """A test prints nothing."""


@pytest.fixture(scope="module")
def site(rekey: Rekey, page_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example, with settings of its own, and examples/fastapi-api, which it calls."""
    home = f"http://localhost:{page_port}/"
    folder = tmp_path_factory.mktemp("single-page")
    shutil.copytree(ROOT / "examples/single-page", folder, dirs_exist_ok=True, ignore=lambda *_: ["node_modules"])
    with_modules(folder)
    registered = {"post_logout_redirect_uris": [home], "audiences": [AUDIENCE], "first_party": True}
    rekey.register("single-page", "spa", home, **registered)
    secret = rekey.register("api-of-page", "service", audiences=[AUDIENCE], scopes=[])
    told = {"ISSUER": rekey.issuer, "AUDIENCE": AUDIENCE, "CLIENT_ID": "api-of-page", "CLIENT_SECRET": str(secret)}
    handler = partial(_Quiet, directory=str(folder))
    with (
        serving("fastapi-api", free_port(), "uvicorn", "api:app", **told, ORIGINS=home.rstrip("/")) as api,
        http.server.ThreadingHTTPServer(("127.0.0.1", page_port), handler) as server,
    ):
        settings = {"issuer": rekey.issuer, "client_id": "single-page", "api": f"{api}/me"}
        (folder / "settings.js").write_text(f"export const settings = {json.dumps(settings)};")
        threading.Thread(target=server.serve_forever).start()
        yield home
        server.shutdown()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Its clock is the test's: no other way to see the library renew by itself."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.clock.install()
        page.goto(site)
        yield page


def status(page: Page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('#status')?.textContent.includes(text)", arg=text)


def access_token(page: Page) -> str:
    kept = page.evaluate("Object.values(sessionStorage).find((each) => each.includes('access_token'))")
    return str(json.loads(kept)["access_token"])


def test_single_page(page: Page, site: str, rekey: Rekey) -> None:
    """Sign in on Rekey's pages, call an API, be renewed without a word, sign out here and there."""
    status(page, "Signed out.")
    page.click("#sign-in")
    page.wait_for_url("**/sign-in*")
    page.fill("#email", rekey.email)
    page.fill("#password", PASSWORD)
    page.click("form:visible button:not([type=button])")
    status(page, f"Signed in as {rekey.email}.")
    assert page.url == site

    page.click("#call")
    page.wait_for_function("document.querySelector('#answer').textContent.startsWith('200')")
    assert rekey.account_id in page.inner_text("#answer")

    first = access_token(page)
    page.clock.fast_forward((LIFE - 59) * 1000)
    status(page, "Renewed.")
    assert access_token(page) != first
    page.click("#call")
    page.wait_for_function("document.querySelector('#answer').textContent.startsWith('200')")

    page.click("#sign-out")
    page.wait_for_url(f"{site}*")
    status(page, "Signed out.")
    page.click("#sign-in")
    page.wait_for_url("**/sign-in*")
