"""An email asked for again: the button says for how long it has to wait, and nothing is claimed that was not done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

if TYPE_CHECKING:
    from playwright.sync_api import Route

WAIT = 65  # seconds
ASKED_AGAIN = "You've asked again. Only the link in the newest email works."


def answered(person: Person, path: str, **told: Any) -> list[str]:
    """The addresses for which the page asks from now on, each answered 202 with what is told."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        asked.append(json.loads(route.request.post_data or "")["email"])
        return route.fulfill(status=202, json=told)

    person.page.route(f"**{path}", answer)
    return asked


@pytest.mark.parametrize("path", ["/sign-up", "/forgot"])
def test_the_wait_is_told(person: Person, path: str) -> None:
    """The wait counts down where nobody has to hear it; until then nothing is sent, and the button says so."""
    page = person.page
    asked = answered(person, path, retry_after=WAIT)
    page.clock.install()
    person.open(path)
    person.submit(email=person.email)
    person.at("sent")
    button, timer, status = page.locator("#again"), page.locator("#again-timer"), page.locator("#again-status")

    page.clock.run_for(20_000)
    expect(timer).to_have_text("You can ask again in 0:45")
    expect(timer).to_have_role("timer")
    expect(timer).not_to_have_attribute("aria-live", "polite")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(status).to_have_text("")
    button.click(force=True)
    expect(status).to_have_text("It's too early to send another. You can ask again in 45 seconds.")
    assert asked == [person.email]

    page.clock.run_for(46_000)
    expect(timer).to_be_hidden()
    expect(status).to_have_text("You can ask again now.")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    expect(status).to_have_text(ASKED_AGAIN)
    expect(timer).to_have_text("You can ask again in 1:05")
    assert asked == [person.email] * 2


def test_the_same_address_typed_again(person: Person) -> None:
    """Going back and entering the same address is a repeat, too; another address is asked for at once."""
    asked = answered(person, "/forgot", retry_after=WAIT)
    person.open("/forgot")
    person.submit(email=person.email)
    person.at("sent")
    person.choose("[data-to=address]")
    person.submit(email=person.email.upper())
    assert person.error_at("email").startswith("You've just asked for an email to this address. You can ask again in ")
    person.submit(email=f"other-{person.email}")
    person.at("sent")
    assert asked == [person.email, f"other-{person.email}"]


def test_no_wait_where_none_is_told(person: Person) -> None:
    """An answer that names no wait leaves the button free."""
    asked = answered(person, "/sign-up")
    person.open("/sign-up")
    person.submit(email=person.email)
    person.at("sent")
    assert not person.page.locator("#again-timer").is_visible()
    person.choose("#again")
    expect(person.page.locator("#again-status")).to_have_text(ASKED_AGAIN)
    assert asked == [person.email] * 2


def test_a_repeat_that_is_refused(person: Person) -> None:
    """A refusal is said, and not that anything was sent."""
    answered(person, "/forgot", retry_after=0)
    person.open("/forgot")
    person.submit(email=person.email)
    person.at("sent")
    person.page.route("**/forgot", lambda route: route.fulfill(status=429, headers={"Retry-After": "120"}))
    person.choose("#again")
    assert person.see("[data-step=sent] .summary").inner_text() == "Too many attempts. Try again in 2 minutes."
    expect(person.page.locator("#again-status")).to_have_text("")
