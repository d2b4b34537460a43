"""Links that no longer work, a network that fails, limits: each leads to a page from which a person can go on."""

from __future__ import annotations

import re

import pytest

from tests.browser.past import expire_link
from tests.browser.person import Person

NEW = "Third-Staple-5"


def ask_for_reset(person: Person) -> str:
    person.open("/forgot")
    person.submit(email=person.email)
    person.at("sent")
    return person.link("/reset")


def test_a_reset_link_opened_twice(person: Person) -> None:
    """The second time, the link says that it was used, and offers a new one."""
    person.sign_up()
    link = ask_for_reset(person)
    person.open(link)
    person.submit(new_password=NEW, again=NEW)
    person.page.wait_for_url("**/sign-in#reset")

    person.open(link)
    person.submit(new_password=NEW, again=NEW)
    person.at("spent")
    person.choose("a.primary")
    person.arrive("/forgot")


def test_a_reset_link_that_expired(person: Person) -> None:
    """An hour later the link offers a new one; the old password still signs in."""
    person.sign_up()
    link = ask_for_reset(person)
    expire_link(person, "reset")
    person.open(link)
    person.submit(new_password=NEW, again=NEW)
    person.at("spent")
    person.sign_in()


def test_a_sign_up_link_that_expired(person: Person) -> None:
    """It leads to sign in, for whoever has used it, and to a new link."""
    person.open("/sign-up")
    person.submit(email=person.email)
    link = person.link("/sign-up/complete")
    expire_link(person, "sign-up")
    person.open(link)
    person.submit(new_password=NEW, again=NEW)
    person.at("spent")
    assert person.see("a.primary").get_attribute("href") == "/sign-in"
    person.choose("a.secondary")
    person.arrive("/sign-up")


def test_a_link_and_a_weak_password(person: Person) -> None:
    """A password that is refused does not spend the link: the next one is taken."""
    person.open("/sign-up")
    person.submit(email=person.email)
    person.open(person.link("/sign-up/complete"))
    for weak in ("abc", person.email):
        person.submit(new_password=weak, again=weak)
        person.see(".unmet")
    person.submit(new_password=person.password, again=person.password)
    person.arrive("/sign-up/protect")


def test_a_second_link_in_the_same_tab(person: Person) -> None:
    """A link that is opened where another of its kind stands, which changes the fragment alone, is the one spent."""
    person.sign_up()
    person.open(f"{person.origin}/reset#token=wrong")
    person.at("password")
    person.open(ask_for_reset(person))
    person.submit(new_password=NEW, again=NEW)
    person.page.wait_for_url("**/sign-in#reset")


@pytest.mark.parametrize("language", ["sv", "fr"])
def test_a_link_goes_along_to_another_language(person: Person, language: str) -> None:
    """Whoever chooses another language on the page of a mailed link can go on there."""
    person.sign_up()
    person.open(ask_for_reset(person))
    person.page.click(f"footer a[lang={language}]")
    person.page.wait_for_selector(f"html[lang={language}]")
    assert "token" not in person.page.url
    person.submit(new_password=NEW, again=NEW)
    person.page.wait_for_url("**/sign-in#reset")


def test_a_network_that_fails_midway(person: Person) -> None:
    """Without a network the page says so and keeps what was typed; the same button goes on when it is back."""
    person.sign_up()
    person.open("/sign-in")
    person.page.context.set_offline(True)
    person.submit(email=person.email, password=person.password)
    assert "connection" in person.see(".summary").inner_text()
    person.page.context.set_offline(False)
    person.submit()
    person.see("#account")


def test_a_service_that_does_not_answer(person: Person) -> None:
    """A 503 says to try again; on account security, where nothing could be shown, a button does it."""
    person.sign_up()
    person.page.route("**/account", lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}))
    person.open("/security")
    assert "answering" in person.see(".summary").inner_text()
    person.page.unroute("**/account")
    person.choose(".again button")
    person.see("#account")


def test_two_factor_while_the_service_is_away(person: Person) -> None:
    """The same where two-factor sign-in is set up."""
    person.sign_up()
    person.page.route("**/totp/setup", lambda route: route.abort())
    person.open("/security/two-factor")
    assert "connection" in person.see(".summary").inner_text()
    person.page.unroute("**/totp/setup")
    person.choose(".again button")
    person.at("scan")


def test_how_long_to_wait(person: Person) -> None:
    """After too many attempts the page says for how many minutes to wait."""
    person.open("/sign-in")
    for _ in range(6):
        with person.page.expect_response("**/sign-in"):
            person.submit(email=person.email, password="wrong-Wrong-1")
    assert re.search(r"Try again in (1[0-5]|\d) minutes?|in \d+ seconds", person.see(".summary li").inner_text())


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_clock_that_is_off(person: Person, minutes: int) -> None:
    """A code that is right for another time says by how many minutes the phone's clock is off."""
    person.sign_up()
    person.open("/security/two-factor")
    app = person.scan()
    person.fill(code=app.code_of_clock(minutes))
    assert re.search(r"off by about [567] minutes", person.error_at("code"))  # the code may be about to change
    person.fill(code=app.code())
    person.keep_codes()
