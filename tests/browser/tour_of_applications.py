"""The tour's part that an application begins: every state on the way to it, and on the way out."""

from __future__ import annotations

from collections.abc import Iterator

from tests.browser.application import TWO_FACTORS, Application, allow, pages
from tests.browser.person import Person

APP = "com.example.orders:/callback"  # one on the device: the browser stays at the page that opens it


def to_applications(person: Person) -> Iterator[str]:
    """The states, of somebody new."""
    with pages() as port:
        application = Application(
            person.instance, port, type="native", redirect_uris=["http://127.0.0.1/callback", APP]
        )
        for walk in (_wrong, _sign_up, _second_factor, _consent, _confirm, _connected, _sign_out, _open_app):
            yield from walk(person, application)


def _wrong(person: Person, application: Application) -> Iterator[str]:
    person.open("/oauth/authorize")
    person.at("wrong")
    yield "authorize, unknown application"
    person.open(application.asks(redirect_uri="https://example.com/"))
    person.at("wrong")
    yield "authorize, unknown address"


def _sign_up(person: Person, application: Application) -> Iterator[str]:
    person.open(application.asks(acr_values=TWO_FACTORS))
    person.arrive("/sign-in")
    person.see("[data-onward]")
    yield "sign-in, to an application"
    person.choose("a[href='/sign-up']")
    person.see("[data-onward]")
    yield "sign-up, to an application"
    person.submit(email=person.email)
    person.at("sent")
    person.open(person.link("/sign-up/complete"))
    person.submit(new_password=person.password, again=person.password)
    person.arrive("/sign-up/protect")
    person.see("[data-onward]")
    yield "protect, to an application"
    person.open("/security")
    person.see("#account")
    yield "security, to an application"


def _second_factor(person: Person, application: Application) -> Iterator[str]:
    assert application.name in person.see("[data-onward]").inner_text()
    person.choose("[data-onward]")
    person.at("set-up")
    yield "authorize, second factor to set up"
    person.page.context.set_offline(True)
    person.choose("[data-deny]")
    person.see(".summary")
    yield "authorize, offline"
    person.page.context.set_offline(False)
    person.choose("a.primary")
    person.fill(code=person.scan().code())
    person.keep_codes()
    yield "two-factor, recovery codes, to an application"
    person.submit(saved_code=person.recovery_codes[0])


def _consent(person: Person, application: Application) -> Iterator[str]:
    person.at("consent")
    person.page.locator("form button.primary:not([aria-disabled])").locator("visible=true").wait_for()
    yield "authorize, consent"
    person.choose("[data-deny]")
    application.told(person.page)
    person.open(application.asks())
    allow(person)
    application.told(person.page)


def _confirm(person: Person, application: Application) -> Iterator[str]:
    assert person.app
    person.open(application.asks(prompt="login"))
    person.at("confirm")
    yield "authorize, confirm"
    person.submit(password_confirm="not-This-1", proof_confirm=person.recovery_codes[1])
    person.error_at("password_confirm")
    yield "authorize, confirm, wrong password"
    person.submit(password_confirm=person.password)
    application.told(person.page)


def _connected(person: Person, application: Application) -> Iterator[str]:
    person.open("/security")
    assert application.name in person.see("#applications").inner_text()
    yield "security, connected application"
    person.choose("#applications button")
    person.see("#news")
    yield "security, application disconnected"


def _sign_out(person: Person, application: Application) -> Iterator[str]:
    person.open(f"/oauth/logout?client_id={application.client_id}&post_logout_redirect_uri=https%3A%2F%2Fexample.com")
    person.at("wrong")
    yield "sign out, unknown address"
    person.open("/oauth/logout")
    person.at("confirm")
    yield "sign out, asked"
    person.submit()
    person.at("done")
    yield "sign out, done"


def _open_app(person: Person, application: Application) -> Iterator[str]:
    assert person.app
    person.open(application.asks(redirect_uri=APP))
    person.arrive("/sign-in")
    person.submit(email=person.email, password=person.password)
    person.at("code")
    person.fill(code=person.app.code())
    allow(person)
    person.at("leaving")
    yield "authorize, opening an app"
