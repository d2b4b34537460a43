"""Devices: where no code is asked for, as its owner wished so, and how one is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from rekey.accounts import event_types
from rekey.languages.locale import locale
from tests.browser.past import happen
from tests.browser.test_keyboard import press, tab_to
from tests.browser.test_security import rows, whats
from tests.browser.test_stories import in_each_language, words
from tests.browser.tour import WRONG_MANY

if TYPE_CHECKING:
    from tests.browser.conftest import NewPerson
    from tests.browser.person import Person

DAYS = 30  # DeviceTrust


def begin_sign_in(person: Person) -> None:
    """The password is given: what comes next, the test says."""
    person.open("/sign-in")
    person.submit(email=person.email, password=person.password)


@in_each_language
def test_no_code_on_a_remembered_device(new_person: NewPerson, language: str) -> None:
    """Ticked beside the code, the next sign-in asks for none; on the security page the device is forgotten: one is."""
    person = new_person(language)
    person.sign_up_protected()
    assert person.app
    person.sign_out()

    begin_sign_in(person)
    person.at("code")
    box = person.page.get_by_label(
        locale(language).ngettext(
            "Don't ask for a code on this device for {number} day",
            "Don't ask for a code on this device for {number} days",
            DAYS,
        )
    ).locator("visible=true")
    expect(box).not_to_be_checked()
    box.check()
    person.fill(code=person.app.code())
    person.see("#account")
    assert words(person, "No code is asked for until") in person.see("#devices").inner_text()
    person.sign_out()

    begin_sign_in(person)
    told = person.see("#sessions li").inner_text()
    assert words(person, "Signed in with a password. No code was asked for.") in told
    person.choose("#devices button")
    told = words(person, "That device is forgotten. If it is signed in, it stays signed in.")
    expect(person.page.locator("#news")).to_have_text(told)
    expect(person.page.locator("#known")).to_be_hidden()
    person.sign_out()

    begin_sign_in(person)
    person.at("code")
    expect(person.page.locator("#remember_by_code")).not_to_be_checked()


def test_remembered_by_keyboard_with_a_recovery_code(person: Person) -> None:
    """The box can be reached, ticked and heard of without a mouse, beside a recovery code too; so can the button."""
    person.sign_up_protected()
    person.sign_out()
    begin_sign_in(person)
    person.at("code")
    expect(person.page.locator("#code")).to_be_focused()
    person.page.keyboard.press("Shift+Tab")
    expect(person.page.locator("#remember_by_code")).to_be_focused()  # read before the code, which sends itself
    press(person, "[data-to=recovery]")
    press(person, "#remember_by_recovery", "Space")
    tab_to(person, "#recovery_code")
    person.page.keyboard.type(person.recovery_codes[0])
    person.page.keyboard.press("Enter")
    person.see("#account")
    person.sign_out()

    begin_sign_in(person)
    person.see("#account")
    press(person, "#devices button")
    expect(person.page.locator("#known")).to_be_hidden()


def test_a_wish_is_not_the_next_person_s(person: Person) -> None:
    """The box is empty after each password, also where it was ticked before on the same page."""
    person.sign_up_protected()
    person.sign_out()
    begin_sign_in(person)
    person.at("code")
    person.page.check("#remember_by_code")
    person.page.go_back()
    person.submit(email=person.email, password=person.password)
    person.at("code")
    expect(person.page.locator("#remember_by_code")).not_to_be_checked()


def test_devices_are_listed(new_person: NewPerson) -> None:
    """The one that the page is on and another; the other is forgotten, and a second tab that lists it yet is told."""
    person, other = new_person(), new_person()
    person.sign_up()
    other.email = person.email
    begin_sign_in(other)
    other.see("#account")
    person.open("/security")
    person.see("#account")

    told = rows(person, "#devices")
    assert sorted("This device" in row[0] for row in told) == [False, True]
    assert all(row[0].startswith("Chrome, Linux") for row in told)
    assert all("First used" in row[1] and "Last used" in row[1] for row in told)
    assert not person.page.locator("[data-trusted]").locator("visible=true").count()
    assert whats(person, "#notable") == ["Signed in on a new device"]
    second = person.page.context.new_page()
    second.goto(f"{person.origin}/security")
    theirs = "#devices li:has([data-current][hidden]) button"
    second.locator(theirs).wait_for()
    person.choose(theirs)
    expect(person.page.locator("#devices li")).to_have_count(1)
    assert "Device forgotten" in whats(person, "#events")
    expect(person.page.locator("#devices-title")).to_be_focused()  # what was pressed is no longer there
    person.choose("#devices button")
    expect(person.page.locator("#news")).to_be_focused()  # nor is the section
    second.click(theirs)
    expect(second.locator(".summary").first).to_have_text("This device is already forgotten")


def test_a_sign_in_on_a_new_device_comes_first(person: Person) -> None:
    """Also where program and network are those of before; a known device at home is nothing to look at."""
    person.sign_up()
    for days, device in ((5, "known"), (4, "new"), (3, "known")):
        happen(person, event_types.SIGNED_IN, days=days, device=device)
    person.open("/security")

    assert whats(person, "#notable") == ["Signed in on a new device"]


@pytest.mark.parametrize("knows", [True, False])
def test_a_reset_lets_its_owner_in(new_person: NewPerson, knows: bool) -> None:  # noqa: FBT001 - parametrized
    """While strangers hold the address locked, the browser in which the password was reset signs in; others wait."""
    person, elsewhere = new_person(), new_person()
    person.sign_up()
    elsewhere.email, elsewhere.password = person.email, "Third-Staple-5"
    for _ in range(WRONG_MANY):
        elsewhere.instance.client.call("POST /sign-in", {"email": person.email, "password": "wrong-Wrong-1"})
    begin_sign_in(elsewhere)
    elsewhere.see("#locked a").click()
    elsewhere.submit(email=person.email)
    elsewhere.at("sent")
    elsewhere.open(elsewhere.link("/reset"))
    elsewhere.submit(new_password=elsewhere.password, again=elsewhere.password)
    elsewhere.page.wait_for_url("**/sign-in#reset")
    if not knows:
        elsewhere.page.context.clear_cookies()

    elsewhere.submit(email=person.email, password=elsewhere.password)
    elsewhere.see("#account" if knows else "#locked")
