"""Codes: how a phone and a desk are given the key, what a wrong code leaves, and recovery codes that are kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.past import age_session
from tests.browser.person import Person

PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 800}}
TABLET = {"has_touch": True, "is_mobile": True, "viewport": {"width": 820, "height": 1180}}
ON_ITS_SIDE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 800, "height": 390}}
NARROW_WINDOW = {"viewport": {"width": 390, "height": 800}}


@pytest.mark.parametrize(
    ("device", "has_link", "has_picture"),
    [(PHONE, True, False), (ON_ITS_SIDE, True, False), (TABLET, True, True), (NARROW_WINDOW, False, True)],
)
def test_a_phone_is_not_shown_a_code_for_itself(
    new_person: NewPerson,
    device: dict[str, object],
    has_link: bool,  # noqa: FBT001 - parametrized
    has_picture: bool,  # noqa: FBT001 - parametrized
) -> None:
    """A phone gets a link that opens its app, a desk a picture to scan, a tablet both; the key stands open on each."""
    person = new_person(**device)
    person.sign_up()
    person.open("/security/two-factor")
    key = person.scan()
    link = person.page.locator("#open")

    assert link.is_visible() == has_link
    assert person.page.locator("#qr").is_visible() == has_picture
    uri = link.get_attribute("href")
    assert uri
    assert uri.startswith("otpauth://totp/Rekey:")
    assert person.see("#key").inner_text().replace(" ", "") in uri
    assert person.see("[data-step=scan] .label").inner_text() == (
        "Can't scan it? Enter this key" if has_picture else "Or enter this key in the app"
    )
    person.fill(code=key.code())
    person.keep_codes()


def forms_with_a_code(person: Person) -> Iterator[str]:
    """The field of each, when a code in it has been refused, and the browser's focus is elsewhere or there."""
    person.sign_up()
    person.open("/security/two-factor")
    app = person.scan()
    person.fill(code="000000")
    yield "code"
    person.fill(code=app.code())
    person.keep_codes()
    person.leave_codes()
    for step in ("replace", "off"):
        person.open("/security/two-factor")
        person.choose(f"[data-to={step}]")
        person.submit(**{f"password_{step}": person.password, f"proof_{step}": "000000"})
        yield f"proof_{step}"
    person.open("/security")
    person.sign_out()
    person.submit(email=person.email, password=person.password)
    person.at("code")
    person.fill(code="000000")
    yield "code"


def test_a_wrong_code_leaves_an_empty_field(person: Person) -> None:
    """After a wrong code the field is empty and has the focus, so that the next can be typed at once."""
    for field in forms_with_a_code(person):
        assert person.error_at(field) == "The code is wrong. Enter the one your app shows now."
        expect(person.see(f"#{field}")).to_be_focused()
        assert person.page.input_value(f"#{field}") == ""
        assert not person.page.locator(".summary").locator("visible=true").count()


def test_the_same_code_pasted_twice_is_sent_twice(person: Person) -> None:
    """A field that was emptied sends what comes into it, also what it held before."""
    person.sign_up()
    person.open("/security/two-factor")
    person.scan()
    for _ in range(2):
        with person.page.expect_response("**/totp/verify"):
            person.fill(code="000000")
        expect(person.page.locator("#code")).to_have_value("")


def test_a_password_asked_for_again(person: Person) -> None:
    """Where the password is wrong, what is focused is the password; a code that was not judged stays."""
    person.sign_up()
    age_session(person)
    person.open("/security/two-factor")
    person.at("confirm")
    person.submit(current_password="not-This-1")
    expect(person.page.locator("#current_password")).to_be_focused()
    assert person.error_at("current_password") == "This isn't your current password"


def test_recovery_codes_are_kept(person: Person) -> None:
    """They are copied, which is heard, and left only by whoever can show one of them, however it is typed."""
    person.sign_up()
    person.open("/security/two-factor")
    person.fill(code=person.scan().code())
    person.keep_codes()
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.page.click("#copy-codes")
    expect(person.page.locator("#copy-codes + [role=status]")).to_have_text("Copied")
    assert person.page.evaluate("navigator.clipboard.readText()").split() == person.recovery_codes

    person.submit()
    assert person.error_at("saved_code") == "Enter one of the codes above"
    person.submit(saved_code="0000-0000-0000-0000-0000-0000")
    assert person.error_at("saved_code") == "This isn't one of the codes above"
    code = next(each for each in person.recovery_codes if "0" in each)
    typed = code.upper().replace("-", " ").replace("0", "O")
    person.submit(saved_code=f" {typed}")
    person.see("#account")
    assert person.see("#codes-left").inner_text() == "10"  # none was spent for it
