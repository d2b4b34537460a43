"""The forms as a password manager, a slow line and a browser without scripts see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.local.conftest import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Route

LARGEST_PAGE = 60 * 1024  # bytes over the line, all told
FORMS = {  # by page: each field of the form that is shown, and what it says it is
    "/sign-up": {"email": "username"},
    "/sign-up/complete#token=x": {"new_password": "new-password", "again": "new-password"},
    "/sign-in": {"email": "username", "password": "current-password"},
    "/forgot": {"email": "username"},
    "/reset#token=x": {"new_password": "new-password", "again": "new-password"},
    "/security/password": {
        "username": "username",
        "current_password": "current-password",
        "new_password": "new-password",
        "again": "new-password",
    },
}
_FIELDS = (
    """form => Object.fromEntries([...form.querySelectorAll("input")].map((each) => [each.id, each.autocomplete]))"""
)
_SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 300);
})"""


@pytest.mark.parametrize("path", FORMS)
def test_what_a_password_manager_sees(person: Person, path: str) -> None:
    """One form, and of each field what it is: the account's name, the password, a new one."""
    person.sign_up()
    person.open(path)
    forms = person.page.locator("form").locator("visible=true")
    assert forms.count() == 1
    assert forms.evaluate(_FIELDS) == FORMS[path]
    assert not forms.locator("input[onpaste], input[readonly], input[maxlength='16']").count()


def test_whose_password_it_is(person: Person) -> None:
    """Where the password is changed no address is asked for, but the form holds it."""
    person.sign_up()
    person.open("/security/password")
    expect(person.page.locator("#username")).to_have_value(person.email)


def test_the_code_is_filled_in_by_the_phone(person: Person) -> None:
    """The field of the code says that it is one, and asks for digits."""
    person.sign_up()
    person.open("/security/two-factor")
    person.at("scan")
    code = person.page.locator("#code")
    assert (code.get_attribute("autocomplete"), code.get_attribute("inputmode")) == ("one-time-code", "numeric")


def test_the_key_is_copied(person: Person) -> None:
    """A button copies the key, without the spaces it is read by; where that is forbidden, it marks the key."""
    person.sign_up()
    person.open("/security/two-factor")
    person.scan()
    key = person.see("#key").inner_text()
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    person.page.click("#copy")
    assert wait_for(lambda: person.page.evaluate("String(getSelection())").strip()) == key
    person.page.evaluate("delete navigator.clipboard.writeText")
    person.page.click("#copy")
    expect(person.page.locator("#copy + [role=status]")).to_have_text("Copied")
    assert person.page.evaluate("navigator.clipboard.readText()") == key.replace(" ", "")


def test_password_pasted(person: Person) -> None:
    """A password can be pasted, and its rules are marked as if it had been typed."""
    person.sign_up()
    person.open("/security/password")
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.page.evaluate("navigator.clipboard.writeText('Better-Battery-7')")
    person.page.focus("#new_password")
    person.page.keyboard.press("Control+V")
    assert person.page.input_value("#new_password") == "Better-Battery-7"
    assert person.page.locator(".rules [data-requirement]:not(.met), .rules [data-shortest]:not(.met)").count() == 0


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgot", "/security", "/security/password"])
def test_light_and_still(person: Person, path: str) -> None:
    """All that comes over the line for a page is under 60 KB, and nothing on it moves while it loads."""
    person.sign_up()
    network = person.page.context.new_cdp_session(person.page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    person.open(path)
    person.page.wait_for_load_state("networkidle")
    assert len(received) > 5
    assert sum(received) < LARGEST_PAGE
    assert person.page.evaluate(_SHIFTS) == 0


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgot", "/reset", "/security/password"])
def test_before_the_scripts(new_person: NewPerson, path: str) -> None:
    """Before a script has loaded, or without any, the fields can be read and filled, and nothing is sent."""
    person = new_person(java_script_enabled=False)
    person.open(path)
    for field in person.page.locator("form input").locator("visible=true").all():
        field.fill("typed@example.com")
        assert field.input_value() == "typed@example.com"
    assert person.page.locator("form button:not([type=button])").locator("visible=true").is_disabled()
    assert person.see("noscript .notice").inner_text()


def test_what_was_typed_before_the_scripts(person: Person) -> None:
    """On a slow line, what is typed while the scripts come is there when they are, and is sent."""
    person.sign_up()
    held: list[Route] = []
    person.page.route("**/assets/*.js", lambda route: held.append(route))  # noqa: PLW0108 - playwright needs a function
    person.page.goto(f"{person.origin}/sign-in", wait_until="commit")
    person.fill(email=person.email, password=person.password)
    for route in held:
        route.continue_()
    person.page.unroute("**/assets/*.js")
    person.submit()
    person.see("#account")
