"""Where two-factor sign-in is required, the pages lead to it, say why, and offer no way around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rekey.languages.locale import locale
from rekey.languages.preference import LANGUAGES
from tests.browser.application import Application, pages
from tests.browser.conftest import NewPerson
from tests.browser.looks import NARROW, WIDE, axe_finds, take_pictures, wider_than
from tests.browser.person import Person
from tests.local.conftest import Running, running

HOME = "https://app.example.com"


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    """A team that requires a second factor of everybody, and has an application that the pages lead on to."""
    yield from running(PARAMETERS=f"RequireTotp=all Issuer=Acme HomeUrl={HOME}")


def said(person: Person, text: str) -> str:
    return locale(person.language).gettext(text, issuer="Acme")


def look(person: Person, state: str) -> None:
    """A picture of the state, in which nothing sticks out and axe finds nothing; no way leads to the application."""
    take_pictures(person.page, person.language, f"required, {state}")
    assert [*wider_than(person.page, NARROW), *wider_than(person.page, NARROW, text=200)] == []
    person.page.set_viewport_size({"width": WIDE, "height": 800})
    assert axe_finds(person.page, "light") == []
    assert not person.page.locator(f"a[href='{HOME}']").locator("visible=true").count()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_set_up_before_anything_else(new_person: NewPerson, language: str) -> None:
    """After sign-up and after sign-in alike; once it is on, the application is linked, and it cannot be turned off."""
    person = new_person(language)
    why = said(person, "{issuer} requires two-factor sign-in. Set it up now to continue.")

    person.sign_up()
    assert person.see("p.notice").inner_text() == why
    assert not person.page.locator("main a[href='/security']").count()
    look(person, "after sign-up")

    person.open("/security")
    assert person.see("#totp-required").inner_text() == why
    assert not person.page.locator("#by-password").is_visible()
    look(person, "account security")
    person.sign_out()

    person.submit(email=person.email, password=person.password)
    person.arrive("/security/two-factor")
    app = person.scan()
    assert person.see("p[data-required]").inner_text() == why
    look(person, "after sign-in")
    person.fill(code=app.code())
    person.keep_codes()
    person.leave_codes()
    assert person.see(f"a[href='{HOME}']")

    person.choose("#manage")
    person.at("on")
    assert person.see("#stays-on").inner_text() == said(
        person, "{issuer} requires two-factor sign-in, so you can't turn it off."
    )
    assert not person.page.locator("[data-to=off]").is_visible()
    take_pictures(person.page, language, "required, two-factor on")


def test_on_the_way_to_an_application(new_person: NewPerson, instance: Running) -> None:
    """Signed up for it or signed in, nobody gets there without; who has set it up goes straight on."""
    person = new_person()
    with pages() as port:
        application = Application(instance, port, first_party=True)
        person.open(application.asks(prompt="create"))
        person.arrive("/sign-up")
        person.sign_up()
        assert not person.page.locator("[data-onward]").locator("visible=true").count()
        person.open("/security")
        person.see("#totp-required")
        assert not person.page.locator("[data-onward]").locator("visible=true").count()

        person.open(application.asks())
        person.arrive("/security/two-factor")
        person.fill(code=person.scan().code())
        person.keep_codes()
        person.submit(saved_code=person.recovery_codes[0])
        assert application.told(person.page)["code"]


def test_on_a_phone(new_person: NewPerson) -> None:
    """The app is opened from the page that says why."""
    person = new_person(has_touch=True, is_mobile=True)
    person.sign_up()
    person.choose("a.primary")
    person.see("#open")
    assert person.see("p[data-required]")
    look(person, "on a phone")
