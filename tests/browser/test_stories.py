"""The stories of the help pages that this project comes from, by clicks, in each language."""

from __future__ import annotations

import pytest

from rekey.languages.locale import locale
from rekey.languages.preference import LANGUAGES
from tests.browser.conftest import NewPerson
from tests.browser.looks import PICTURES
from tests.browser.person import Person
from tests.browser.returned import get_proof, stop_mails

in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def words(person: Person, text: str) -> str:
    return locale(person.language).gettext(text)


@in_each_language
def test_change_your_password(new_person: NewPerson, language: str) -> None:
    """Signed in: the current password, a new one twice, saved: the new one signs in, the old no longer."""
    person = new_person(language)
    person.sign_up()
    person.open("/security")

    person.choose("a[href='/security/password']")
    person.submit(current_password=person.password, new_password="Better-Battery-7", again="Better-Battery-7")
    person.at("done")
    assert person.see("h1").inner_text() == words(person, "Your password has been changed")
    person.choose("a.primary")
    person.see("#account")
    person.sign_out()

    person.submit(email=person.email, password=person.password)
    assert person.error_at("password") == words(person, "The email address or the password is wrong")
    person.submit(password="Better-Battery-7")
    person.see("#account")
    assert words(person, "Password changed") in person.see("#events").inner_text()


@in_each_language
def test_reset_a_forgotten_password(new_person: NewPerson, language: str) -> None:
    """Forgot, a mail, its link, a new password twice: it signs in, and every session of before is ended."""
    person = new_person(language)
    person.sign_up()
    elsewhere = person.page.context.new_page()

    elsewhere.goto(f"{person.origin}/sign-in")
    elsewhere.click("a[href='/forgot']:visible")
    elsewhere.fill("#email", person.email)
    elsewhere.click("form button")
    elsewhere.wait_for_selector("[data-step=sent]:not([hidden])")
    elsewhere.goto(person.link("/reset"))
    assert "token" not in elsewhere.url
    elsewhere.fill("#new_password", "Third-Staple-5")
    elsewhere.fill("#again", "Third-Staple-5")
    elsewhere.click("form button:not([type=button])")
    elsewhere.wait_for_url("**/sign-in#reset")

    person.open("/security")
    person.arrive("/sign-in?next=/security#ended")
    person.password = "Third-Staple-5"
    person.submit(email=person.email, password=person.password)
    person.see("#account")


@in_each_language
def test_two_factor_for_a_new_user(new_person: NewPerson, language: str) -> None:
    """After sign-up two-factor sign-in is offered: scan, type the code, keep the recovery codes."""
    person = new_person(language)
    person.sign_up()
    assert person.see("h1").inner_text() == words(person, "Protect your account")

    person.choose("a.primary")
    person.fill(code=person.scan().code())
    person.keep_codes()
    with person.page.expect_download() as saved:
        person.page.click("#download")
    assert saved.value.path().read_text().split() == person.recovery_codes
    assert len(set(person.recovery_codes)) == 10
    assert saved.value.suggested_filename == f"Rekey-{words(person, 'recovery-codes')}.txt"
    person.leave_codes()
    assert person.see("#codes-left").inner_text() == "10"


def test_recovery_codes_printed(new_person: NewPerson) -> None:
    """On paper: whose they are and the codes, dark on white also where the screen is dark, and no button."""
    person = new_person(color_scheme="dark")
    person.sign_up()
    person.choose("a.primary")
    person.fill(code=person.scan().code())
    person.keep_codes()
    person.page.emulate_media(media="print", color_scheme="dark")
    person.page.screenshot(path=PICTURES / "en/two-factor-recovery codes-printed.png", full_page=True)

    assert not person.page.locator("button, a, header, footer").locator("visible=true").count()
    assert person.see("#codes").inner_text().split() == person.recovery_codes
    assert "Rekey" in person.see("main").inner_text()
    assert person.email in person.see("main").inner_text()
    ink = "getComputedStyle(document.body).color"
    assert person.page.evaluate(ink) == "rgb(20, 23, 28)"


@in_each_language
def test_two_factor_for_an_existing_user(new_person: NewPerson, language: str) -> None:
    """Set up later in the settings, it asks for a code or a recovery code at each sign-in, until it is turned off."""
    person = new_person(language)
    person.sign_up()
    person.choose("a.secondary")
    person.see("#totp-off")
    person.set_up_totp()
    assert person.app
    person.sign_out()

    person.submit(email=person.email, password=person.password)
    person.at("code")
    person.fill(code=person.app.code())  # six digits send themselves
    person.see("#account")
    person.sign_out()

    person.submit(email=person.email, password=person.password)
    person.at("code")
    person.choose("[data-to=recovery]")
    person.submit(recovery_code=person.recovery_codes[0])
    assert person.see("#codes-left").inner_text() == "9"

    person.choose("#manage")
    person.choose("[data-to=off]")
    person.submit(password_off=person.password, proof_off=person.app.code())
    person.see("#totp-off")
    assert person.see("#news").inner_text() == words(person, "Two-factor sign-in is off.")
    person.sign_out()
    person.app = None
    person.sign_in()


@in_each_language
def test_new_recovery_codes(new_person: NewPerson, language: str) -> None:
    """In the settings: the password and one of the old codes buy ten new ones, to be saved; the old ones are void."""
    person = new_person(language)
    person.sign_up()
    person.choose("a.secondary")
    person.set_up_totp()
    old = person.recovery_codes

    person.choose("#manage")
    person.choose("[data-to=replace]")
    person.submit(password_replace="wrong", proof_replace=old[0])
    assert person.error_at("password_replace") == words(person, "This isn't your current password")
    person.submit(password_replace=person.password, proof_replace=old[0])
    person.keep_codes()
    assert person.see("h1").inner_text() == words(person, "Your new recovery codes")
    assert len({*person.recovery_codes} - {*old}) == 10
    with person.page.expect_download() as saved:
        person.page.click("#download")
    assert saved.value.path().read_text().split() == person.recovery_codes
    person.leave_codes()
    assert words(person, "New recovery codes created") in person.see("#events").inner_text()

    person.choose("#manage")
    person.choose("[data-to=replace]")
    person.submit(password_replace=person.password, proof_replace=old[1])
    assert person.error_at("proof_replace") == words(person, "This recovery code is wrong or has been used")


@in_each_language
def test_mails_that_come_back(new_person: NewPerson, language: str) -> None:
    """Account security says so and offers a test mail; its link, opened signed out too, brings the mails back."""
    person = new_person(language)
    stopped_at = stop_mails(person, "bounce")
    person.open("/security")
    assert words(person, "Emails to your address come back undelivered.") in person.see("#mails-stopped").inner_text()

    person.choose("#verify")
    assert person.see("#news").inner_text() == words(person, "We've sent you an email. Open the link in it.")
    person.choose("#verify")  # too soon
    person.see(".summary")
    assert not person.page.locator("#news").is_visible()
    elsewhere = new_person(language)
    elsewhere.open(get_proof(person, stopped_at))
    assert "token" not in elsewhere.page.url
    elsewhere.submit()
    elsewhere.at("done")

    person.open("/security")
    assert words(person, "Email delivery confirmed") in person.see("#events").inner_text()
    assert not person.page.locator("#mails-stopped").is_visible()
