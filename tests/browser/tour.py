"""A walk through every page and every state of it. It stops at each, by name, for a test to look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rekey.accounts.event_types import PASSWORD_CHANGED, RECOVERY_CODE_USED, RESET_REQUESTED, SIGNED_IN
from tests.browser.conftest import NewPerson
from tests.browser.past import age_session, end_session, happen, leave_codes
from tests.browser.person import Person
from tests.browser.returned import get_proof, stop_mails
from tests.browser.tour_of_applications import to_applications

if TYPE_CHECKING:
    from playwright.sync_api import Route

WEAK, GOOD, BETTER, THIRD = "abc", "Correct-Horse-9", "Better-Battery-7", "Third-Staple-5"
WRONG_MANY = 6  # one more than the attempts of a period


def tour(new_person: NewPerson, language: str) -> Iterator[tuple[Person, str]]:
    """The states, each with the person whose browser shows it."""
    person = new_person(language)
    for walk in (_sign_up, _set_up, _account, _change, _sign_in, _recovery, _turn_off, _reset, _step_up):
        for state in walk(person):
            yield person, state
    spammed, returned = new_person(language), new_person(language)
    for state in _called_spam(spammed):
        yield spammed, state
    for state in _come_back(returned):
        yield returned, state
    comer = new_person(language)
    for state in to_applications(comer):
        yield comer, state
    phone = new_person(language, has_touch=True, is_mobile=True)
    for state in _on_a_phone(phone):
        yield phone, state
    yield from _locked(new_person(language))
    yield from _without_scripts(new_person(language, java_script_enabled=False))


def _sign_up(person: Person) -> Iterator[str]:
    person.open("/no-such")
    yield "not found"
    person.open("/sign-up")
    yield "sign-up"
    person.submit()
    person.error_at("email")
    yield "sign-up, nothing entered"
    person.submit(email="nobody")
    person.error_at("email")
    yield "sign-up, no address"
    person.submit(email=person.email)
    person.at("sent")
    yield "sign-up, sent"
    person.open("/sign-up/complete")
    person.at("absent")
    yield "complete, no link"
    link = person.link("/sign-up/complete")
    person.open(link)
    person.at("password")
    yield "complete"
    person.submit(new_password=WEAK, again=WEAK)
    person.see(".unmet")
    yield "complete, weak password"
    person.fill(new_password=GOOD, again=GOOD)
    person.choose("[data-reveals=new_password]")
    yield "complete, password shown"
    person.submit()
    person.arrive("/sign-up/protect")
    yield "protect"
    person.open(link)
    person.submit(new_password=GOOD, again=GOOD)
    person.at("spent")
    yield "complete, link spent"


def _set_up(person: Person) -> Iterator[str]:
    person.instance.client.call("POST /sign-in", {"email": person.email, "password": GOOD})
    person.open("/security")
    person.see("#account")
    yield "security, two sessions"
    person.choose("#set-up")
    app = person.scan()
    yield "two-factor, scan"
    person.fill(code="000000")
    person.error_at("code")
    yield "two-factor, wrong code"
    person.fill(code=app.code_of_clock(5))
    assert "5" in person.error_at("code")  # minutes
    yield "two-factor, clock off"
    person.fill(code=app.code())
    person.keep_codes()
    yield "two-factor, recovery codes"
    person.submit(saved_code="k7qd")
    person.error_at("saved_code")
    yield "two-factor, recovery codes not saved"
    person.leave_codes()


def _account(person: Person) -> Iterator[str]:
    yield "security"
    happen(person, SIGNED_IN, days=3, client="curl/8.5")
    for days in range(2, 32):
        happen(person, PASSWORD_CHANGED, days=days)
        happen(person, RESET_REQUESTED, days=days, of_address=True)
    happen(person, RECOVERY_CODE_USED, days=1, codes_left=9)
    person.open("/security")
    person.see("#look")
    yield "security, worth a look"
    person.choose("#earlier")
    person.page.locator("#earlier").wait_for(state="hidden")
    yield "security, earlier activity"
    leave_codes(person, 2)
    person.open("/security")
    person.see("#few-codes")
    yield "security, few codes"
    person.page.context.set_offline(True)
    person.choose("#sign-out")
    person.see(".summary")
    yield "security, offline"
    person.page.context.set_offline(False)


def _change(person: Person) -> Iterator[str]:
    person.open("/security/password")
    yield "change"
    person.submit()
    person.error_at("current_password")
    yield "change, nothing entered"
    person.submit(current_password="not-This-1", new_password=BETTER, again=BETTER)
    person.error_at("current_password")
    yield "change, wrong password"
    person.submit(current_password=GOOD, again=THIRD)
    person.error_at("again")
    yield "change, two that differ"
    person.submit(new_password=person.email, again=person.email)
    person.see(".unmet")
    yield "change, weak password"
    person.submit(new_password=BETTER, again=BETTER)
    person.at("done")
    yield "change, done"
    person.choose("a.primary")
    person.see("#account")


def _sign_in(person: Person) -> Iterator[str]:
    assert person.app
    end_session(person)
    person.open("/security/two-factor")
    person.arrive("/sign-in?next=/security/two-factor#ended")
    yield "sign-in, to go on"
    person.password = BETTER
    person.sign_in()
    person.sign_out()
    yield "sign-in, signed out"
    person.open("/sign-in")
    yield "sign-in"
    person.submit(email=person.email, password="wrong-Wrong-1")
    person.error_at("password")
    yield "sign-in, wrong password"
    with _held(person, "**/sign-in"):
        person.submit(password=BETTER)
        person.see("button.busy")
        yield "sign-in, waiting"
    person.at("code")
    yield "code"
    person.fill(code="000000")
    person.error_at("code")
    yield "code, wrong"


@contextmanager
def _held(person: Person, calls: str) -> Iterator[None]:
    """Calls that take long: until the end of it."""
    held: list[Route] = []
    person.page.route(calls, lambda route: held.append(route))  # noqa: PLW0108 - playwright needs a function
    yield
    held[0].continue_()
    person.page.unroute(calls)


def _recovery(person: Person) -> Iterator[str]:
    person.choose("[data-to=recovery]")
    person.at("recovery")
    yield "recovery code"
    person.submit(recovery_code="wrong")
    person.error_at("recovery_code")
    yield "recovery code, wrong"
    person.page.context.clear_cookies(name="__Host-rekey-challenge")
    person.submit(recovery_code=person.recovery_codes[0])
    person.error_at("password")
    yield "sign-in, took too long"
    person.submit(password=BETTER)
    person.at("code")
    person.page.check("#remember_by_code")
    yield "code, device to be remembered"
    person.choose("[data-to=recovery]")
    person.page.check("#remember_by_recovery")
    person.submit(recovery_code=person.recovery_codes[-1])
    person.see("[data-trusted]")
    yield "security, device remembered"
    person.choose("#devices li:has([data-current][hidden]) button")
    person.see("#news")
    yield "security, device forgotten"


def _turn_off(person: Person) -> Iterator[str]:
    person.choose("#manage")
    person.at("on")
    yield "two-factor, on"
    person.choose("[data-to=replace]")
    yield "new recovery codes"
    person.submit(password_replace=BETTER, proof_replace=person.recovery_codes[-2])
    person.keep_codes()
    yield "new recovery codes, done"
    person.open("/security/two-factor")
    person.choose("[data-to=off]")
    yield "turn off"
    person.submit(password_off="not-This-1", proof_off="wrong")
    person.error_at("password_off")
    yield "turn off, wrong password"
    person.submit(password_off=BETTER)
    person.error_at("proof_off")
    yield "turn off, wrong code"
    person.submit(proof_off=person.recovery_codes[0])
    person.see("#news")
    yield "security, turned off"


def _reset(person: Person) -> Iterator[str]:
    person.open("/forgot")
    yield "forgot"
    person.submit()
    person.error_at("email")
    yield "forgot, nothing entered"
    person.submit(email=person.email)
    person.at("sent")
    yield "forgot, sent"
    person.open("/reset")
    person.at("absent")
    yield "reset, no link"
    link = person.link("/reset")
    person.open(link)
    person.at("password")
    yield "reset"
    person.submit(new_password=person.email, again=WEAK)
    person.error_at("again")
    yield "reset, two that differ"
    person.submit(new_password=WEAK, again=WEAK)
    person.see(".unmet")
    yield "reset, weak password"
    person.submit(new_password=THIRD, again=THIRD)
    person.page.wait_for_url("**/sign-in#reset")
    yield "sign-in, password set"
    person.open(link)
    person.submit(new_password=GOOD, again=GOOD)
    person.at("spent")
    yield "reset, link spent"


def _step_up(person: Person) -> Iterator[str]:
    person.app, person.password = None, THIRD
    person.sign_in()
    age_session(person)
    person.open("/security/two-factor")
    person.at("confirm")
    yield "two-factor, confirm"
    person.submit(current_password="not-This-1")
    person.error_at("current_password")
    yield "two-factor, confirm, wrong password"
    person.submit(current_password=THIRD)
    person.at("scan")
    person.page.context.set_offline(True)
    person.fill(code="123456")
    person.see("[data-step=scan] .summary")
    yield "two-factor, offline"
    person.page.context.set_offline(False)


def _called_spam(person: Person) -> Iterator[str]:
    stop_mails(person, "complaint")
    person.open("/security")
    person.see("[data-state=complained]")
    yield "security, mail called spam"


def _come_back(person: Person) -> Iterator[str]:
    stopped_at = stop_mails(person, "bounce")
    person.open("/security")
    person.see("[data-state=bounced]")
    yield "security, mails come back"
    person.choose("#verify")
    person.see("#news")
    yield "security, test mail sent"
    person.choose("#verify")
    person.see(".summary")
    yield "security, test mail asked for again"
    person.open("/email/verify")
    person.at("absent")
    yield "verify, no link"
    link = get_proof(person, stopped_at)
    person.open(link)
    person.at("confirm")
    yield "verify"
    person.submit()
    person.at("done")
    yield "verify, done"
    person.open(link)
    person.submit()
    person.at("spent")
    yield "verify, link spent"


def _on_a_phone(person: Person) -> Iterator[str]:
    person.sign_up()
    person.open("/security/two-factor")
    person.see("#open")
    yield "two-factor, on a phone"


def _locked(person: Person) -> Iterator[tuple[Person, str]]:
    person.open("/sign-in")
    for _ in range(WRONG_MANY):
        with person.page.expect_response("**/sign-in"):
            person.submit(email=person.email, password=WEAK)
    person.see("#locked")
    yield person, "sign-in, locked"


def _without_scripts(person: Person) -> Iterator[tuple[Person, str]]:
    for path in ("/sign-in", "/sign-up", "/forgot", "/reset", "/security", "/security/password"):
        person.open(path)
        yield person, f"without scripts, {path.strip('/').replace('/', ' ')}"
