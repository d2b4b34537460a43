"""What must hold on every page, in every state of it: one walk in each language, and what was found on it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from rekey.languages.preference import LANGUAGES
from tests.browser.conftest import meeting
from tests.browser.looks import NARROW, PICTURES, SCHEMES, WIDE, axe_finds, take_pictures, tokens_in_reach, wider_than
from tests.browser.person import Person
from tests.browser.tour import tour
from tests.local.conftest import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Findings = dict[str, dict[str, list[str]]]  # by what was looked for, by state


@pytest.fixture(scope="module", params=LANGUAGES)
def found(request: pytest.FixtureRequest, browser: Browser, shared_instance: Callable[[], Running]) -> Findings:
    """All that a walk through every state found that should not be."""
    language, noise = request.param, list[str]()
    shutil.rmtree(PICTURES / language, ignore_errors=True)
    findings: Findings = defaultdict(dict)
    with meeting(browser, shared_instance(), noise) as new_person:
        for person, state in tour(new_person, language):
            for kind, what in _look(person, state).items():
                if what:
                    findings[kind][state] = what
            if noise:
                findings["noise"][state] = noise[:]
                noise.clear()
    return findings


def _look(person: Person, state: str) -> dict[str, list[str]]:
    page = person.page
    # Colours are the same in every language.
    schemes = SCHEMES if person.language == "en" else SCHEMES[:1]
    looked = {}
    if person.has_scripts:
        looked = {
            "wide": [*wider_than(page, NARROW), *wider_than(page, NARROW, text=200), *wider_than(page, WIDE, text=200)],
            "axe": [each for scheme in schemes for each in axe_finds(page, scheme)],
            "tokens": tokens_in_reach(page),
        }
    take_pictures(page, person.language, state)
    return looked


def test_nothing_is_wider_than_the_screen(found: Findings) -> None:
    """At 320 pixels, and with text twice as large, nobody has to scroll sideways."""
    assert found["wide"] == {}


def test_axe_finds_nothing(found: Findings) -> None:
    """Axe, which knows WCAG's rules that a program can judge, finds no violation, light or dark."""
    assert found["axe"] == {}


def test_no_token_in_reach_of_scripts(found: Findings) -> None:
    """Storage, readable cookies, address bar, history and document hold no token, not that of a mailed link either."""
    assert found["tokens"] == {}


def test_no_complaint_in_the_console(found: Findings) -> None:
    """No script fails, and nothing is done that the page's policy forbids."""
    assert found["noise"] == {}


def test_the_policy_is_heard_of(person: Person, noise: list[str]) -> None:
    """A style within the page is stopped by the policy, and these tests hear of it."""
    person.open("/sign-in")
    person.page.evaluate("document.querySelector('header').setAttribute('style', 'color: red')")
    person.page.wait_for_timeout(100)
    assert any("policy: style-src-attr" in each for each in noise)
    noise.clear()


def test_a_token_in_reach_is_seen(person: Person) -> None:
    """A token in storage, in a field or in the address bar, wherever one is put, is what these tests look for."""
    person.open("/sign-in")
    assert tokens_in_reach(person.page) == []
    token = f"rka_{'0' * 32}.{'1' * 28}.secret"
    for leak in (f"localStorage.leak = '{token}'", f"location.hash = '{token}'", f"email.value = '{token}'"):
        person.page.reload()
        person.page.evaluate(leak)
        assert tokens_in_reach(person.page), leak
        person.page.evaluate("localStorage.clear(); location.hash = ''")


def test_what_axe_looks_for_is_seen(person: Person) -> None:
    """In a page as it changes, in another page, in a document that took its place; and what only the dark shows."""
    person.open("/sign-in")
    assert axe_finds(person.page, "light") == []
    person.page.evaluate("document.querySelector('label').remove()")
    assert any(each.startswith("label: ") for each in axe_finds(person.page, "light"))
    person.open("/forgot")
    person.page.evaluate("document.querySelector('h1').style.color = '#111'")
    assert [axe_finds(person.page, scheme) == [] for scheme in SCHEMES] == [True, False]
    person.page.goto("about:blank")
    for source, is_seen in (("<button>Send</button>", False), ("<input>", True)):
        person.page.set_content(source)
        assert any(each.startswith("label: ") for each in axe_finds(person.page, "light")) == is_seen
