"""What is looked at in a state of a page, and the pictures that are kept of it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

from axe_playwright_python.sync_playwright import Axe

from local.template import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = ROOT / "test-results/screenshots"
NARROW, WIDE, HEIGHT = 320, 1024, 800
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# What sticks out to the right, where something does.
_WIDER = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth)
    .map((each) => each.outerHTML.slice(0, 90))"""

_AXE = Axe()
# What passed is most of what axe answers: it stays in the browser.
_VIOLATIONS = """async (options) => (await axe.run(options)).violations
    .map((each) => [each.id, each.nodes.map((node) => node.html)])"""

# Wherever a script could read, and what a token looks like.
_REACH = """() => [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, location.href,
    JSON.stringify(history.state), document.documentElement.outerHTML,
    ...[...document.querySelectorAll("input")].map((each) => each.value)]"""
_TOKEN = re.compile(r"rk[a-z]_[0-9a-f]{28,32}\.")


def take_pictures(page: Page, language: str, state: str) -> None:
    """Of the whole page, narrow and wide, light and dark; in other languages than English each once."""
    every: list[tuple[int, Scheme]] = [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")]
    for width, scheme in every if language == "en" else every[2:]:
        take_picture(page, f"{language}/{state.replace(', ', '-')}", scheme, width)


def take_picture(page: Page, name: str, scheme: Scheme, width: int) -> None:
    """For people to look at, who ask for it (PICTURES=1): no test does."""
    if os.environ.get("PICTURES"):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.screenshot(path=PICTURES / f"{name}-{scheme}-{width}.png", full_page=True)


def wider_than(page: Page, width: int, *, text: int = 100) -> list[str]:
    """What one would have to scroll sideways to see, at this width in pixels and this size of the text in percent."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate(f"document.documentElement.style.fontSize = '{text}%'")
    wider: list[str] = page.evaluate(_WIDER)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return wider


def axe_finds(page: Page, scheme: Scheme, *, rules: tuple[str, ...] = ()) -> list[str]:
    """Axe's violations, each with where; of all rules, or those with a tag."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours on their way to others are no contrast
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.axe_script)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[tuple[str, list[str]]] = page.evaluate(_VIOLATIONS, options)
    return [f"{rule}: {[html[:120] for html in nodes]}" for rule, nodes in found]


def tokens_in_reach(page: Page) -> list[str]:
    """The kinds of tokens that a script of the page could read."""
    return sorted({kind for place in page.evaluate(_REACH) for kind in _TOKEN.findall(place)})
