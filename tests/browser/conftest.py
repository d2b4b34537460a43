"""One instance for all tests of this folder; a browser context, which is a person, for each."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.person import Person
from tests.local import conftest as of_instances
from tests.local.conftest import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

PATIENCE = 15_000  # ms that anything on a page may take, on a busy machine
REGIONS = {"en": "en-GB", "sv": "sv-SE", "fr": "fr-FR"}
NewPerson = Callable[..., Person]
shared_instance, instance = of_instances.shared_instance, of_instances.instance
pytest_runtest_teardown = of_instances.pytest_runtest_teardown  # which ends what they share

# The policy's own report, in case no console speaks of it.
_REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation",
    (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture
def noise() -> Iterator[list[str]]:
    """What the browsers' consoles complained about. After every test: nothing."""
    heard: list[str] = []
    yield heard
    assert not heard


@contextmanager
def meeting(browser: Browser, instance: Running, noise: list[str]) -> Iterator[NewPerson]:
    """Makes people, each somebody new with a browser of their own. Options are the browser context's."""
    contexts: list[BrowserContext] = []

    def make(language: str = "en", **options: Any) -> Person:
        context = browser.new_context(locale=REGIONS[language], **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", lambda message: _listen(message, noise))
        context.on("weberror", lambda error: noise.append(str(error.error)))
        email, scripts = f"{secrets.token_hex(4)}@example.com", options.get("java_script_enabled", True)
        return Person(context.new_page(), instance, email, language, scripts=scripts)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_person(browser: Browser, instance: Running, noise: list[str]) -> Iterator[NewPerson]:
    with meeting(browser, instance, noise) as make:
        yield make


@pytest.fixture
def person(new_person: NewPerson) -> Person:
    return new_person()


def _listen(message: ConsoleMessage, noise: list[str]) -> None:
    # A refusal, or a network that is gone, is told by Chromium itself; but nothing that a page is made of may lack.
    refusal = message.text.startswith("Failed to load resource") and "/assets/" not in message.location["url"]
    if message.type in {"error", "warning"} and not refusal:
        noise.append(f"{message.location['url']}: {message.text}")
