"""Tabs that share their cookies, and a browser's own buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.past import end_access, end_session
from tests.browser.person import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request


def tab(person: Person, path: str) -> Page:
    page = person.page.context.new_page()
    page.goto(person.origin + path)
    return page


def counting(page: Page, path: str) -> Callable[[], int]:
    """How many requests to a path the page makes from now on."""
    made: list[Request] = []
    page.on("request", lambda request: made.append(request) if request.url.endswith(path) else None)
    return lambda: len(made)


def test_signed_out_in_one_tab(person: Person) -> None:
    """Sign out in one tab, and the other leads to sign-in at its next step, and from there back to where it was."""
    person.sign_up()
    other = tab(person, "/security/password")
    person.open("/security")
    person.see("#account")
    person.sign_out()

    for field, value in {
        "current_password": person.password,
        "new_password": "Better-Otter-1",
        "again": "Better-Otter-1",
    }.items():
        other.fill(f"#{field}", value)
    other.click("form button:not([type=button])")
    other.wait_for_url("**/sign-in?next=/security/password#ended")
    other.wait_for_selector("#ended:not([hidden])")
    other.fill("#email", person.email)
    other.fill("#password", person.password)
    other.click("form button:not([type=button])")
    other.wait_for_url("**/security/password")


def test_two_tabs_refresh_at_once(person: Person) -> None:
    """The access token runs out under two tabs that load at once: both stay signed in, in the same session."""
    person.sign_up()
    first, second = person.page, person.page.context.new_page()
    end_access(person)
    first.goto(f"{person.origin}/security", wait_until="commit")
    second.goto(f"{person.origin}/security", wait_until="commit")
    for page in (first, second):
        page.wait_for_selector("#account:not([hidden])")
        assert page.locator("#sessions li").count() == 1


def test_several_refusals_refresh_once(person: Person) -> None:
    """Calls of one page that find the token expired at the same moment refresh it once between them."""
    person.sign_up()
    person.open("/security")
    person.see("#account")
    refreshed = counting(person.page, "/oauth/token")
    end_access(person)
    codes = person.page.evaluate("""async () => {
        const { callSignedIn } = await import(document.querySelector("link[rel=modulepreload]").href);
        const answers = await Promise.all([1, 2, 3, 4].map(() => callSignedIn("/account")));
        return answers.map(({ email }) => email);
    }""")
    assert codes == [person.email] * 4
    assert refreshed() == 1


def test_an_ended_session_leads_to_sign_in_and_back(person: Person) -> None:
    """Without a session, a page of the account leads to sign-in, and that back to it."""
    person.sign_up()
    end_session(person)
    person.open("/security/two-factor")
    person.arrive("/sign-in?next=/security/two-factor#ended")
    assert person.see("#ended").inner_text() == "Sign in to continue."
    person.submit(email=person.email, password=person.password)
    person.arrive("/security/two-factor")
    person.at("scan")


def test_a_first_visitor(person: Person) -> None:
    """Who was never signed in comes from the bare origin to sign-in, has nothing to continue, and can sign up."""
    person.open("/")
    person.arrive("/sign-in?next=/security")
    assert not person.page.locator(".notice").locator("visible=true").count()
    person.choose("a[href='/sign-up']")
    person.arrive("/sign-up")


def test_back_and_reload(person: Person) -> None:
    """Back leads from the code to the password, Forward to the code again; a reload begins anew and nothing is lost."""
    person.sign_up_protected()
    person.sign_out()
    person.submit(email=person.email, password=person.password)
    person.at("code")
    person.page.go_back()
    person.at("password")
    person.page.go_forward()
    person.at("code")
    person.page.reload()
    person.at("password")
    person.sign_in()


def test_back_after_signing_out(person: Person) -> None:
    """Who comes back by the Back button after signing out sees nothing of the account."""
    person.sign_up()
    person.open("/sign-up")
    person.open("/security")
    person.see("#account")
    person.sign_out()
    person.page.go_back()
    person.page.go_forward()
    person.page.wait_for_url("**/sign-in**")
    assert person.email not in person.page.content()


def test_a_reload_of_a_new_key(person: Person) -> None:
    """A reload of the set-up shows a new key, and that one turns two-factor sign-in on."""
    person.sign_up()
    person.open("/security/two-factor")
    first = person.scan()
    person.page.reload()
    second = person.scan()
    assert first.code() != second.code_of_clock(0)
    person.fill(code=second.code())
    person.keep_codes()
