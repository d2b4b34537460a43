"""From an application to the pages and back to it, through every detour."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.application import SCOPES, TWO_FACTORS, Application, allow, pages
from tests.browser.conftest import NewPerson
from tests.browser.looks import tokens_in_reach
from tests.browser.past import age_session, end_access
from tests.browser.person import Person
from tests.local.conftest import Running

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

Register = Callable[..., Application]


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    with pages() as served:
        yield served


@pytest.fixture
def register(instance: Running, port: int) -> Register:
    return lambda **about: Application(instance, port, **about)


@pytest.fixture
def application(register: Register) -> Application:
    """One of the team's own, which needs no consent."""
    return register(first_party=True)


@pytest.fixture
def stranger(register: Register) -> Application:
    return register(name="Ledgers")


def tab(person: Person) -> Page:
    """The person goes on in another tab of the same browser."""
    person.page = person.page.context.new_page()
    return person.page


def test_sign_in_on_the_way(person: Person, application: Application) -> None:
    """Signed out: sign-in says where it leads, and after it the application is told a code, its state and by whom."""
    person.sign_up()
    person.open("/security")
    person.sign_out()
    person.open(application.asks(state="a&b=c", login_hint=person.email))
    person.arrive("/sign-in")
    assert person.see("[data-onward]").inner_text() == "Sign in to continue to Orders."
    expect(person.page.locator("#email")).to_have_value(person.email)
    assert tokens_in_reach(person.page) == []
    person.submit(password=person.password)

    told = application.told(person.page)
    assert (told["state"], told["iss"]) == ("a&b=c", person.origin)
    assert application.redeem(told["code"]).status == 200
    person.open("/security")
    person.see("#account")
    assert not person.page.locator("[data-onward]").locator("visible=true").count()


def test_who_is_signed_in_is_sent_back_at_once(person: Person, application: Application) -> None:
    """Nobody is asked anything, nor where the session's token has to be refreshed; Back does not lead into a circle."""
    person.sign_up()
    for is_old in (False, True):
        if is_old:
            end_access(person)
        person.page.goto(f"{application.origin}/start")
        person.open(application.asks(prompt="none"))
        assert application.told(person.page)["code"]
        person.page.go_back()
        person.page.wait_for_url(f"{application.origin}/start")


def test_nobody_is_signed_in_silently(person: Person, application: Application) -> None:
    """`prompt=none` asks nobody: the application is told that somebody would have to sign in."""
    person.open(application.asks(prompt="none"))
    assert application.told(person.page)["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["", "create"])
def test_sign_up_on_the_way(person: Person, application: Application, prompt: str) -> None:
    """The emailed link opens in another tab, two-factor sign-in is set up there, and that tab leads on."""
    person.open(application.asks(prompt=prompt))
    if not prompt:
        person.arrive("/sign-in")
        person.choose("a[href='/sign-up']")
    person.arrive("/sign-up")
    assert person.see("[data-onward]").inner_text() == "Create an account to continue to Orders."
    person.submit(email=person.email)
    person.at("sent")

    tab(person)
    person.open(person.link("/sign-up/complete"))
    person.submit(new_password=person.password, again=person.password)
    person.arrive("/sign-up/protect")
    assert person.see("a.secondary").inner_text() == "Continue to Orders"
    person.choose("a.primary")
    person.fill(code=person.scan().code())
    person.keep_codes()
    assert person.see("form button.primary").inner_text() == "Continue to Orders"
    person.submit(saved_code=person.recovery_codes[0])
    assert application.redeem(application.told(person.page)["code"]).status == 200


def test_sign_up_and_no_second_factor_yet(person: Person, application: Application) -> None:
    """Two-factor sign-in is offered on the way, and may be left for later."""
    person.open(application.asks(prompt="create", login_hint=person.email))
    person.arrive("/sign-up")
    person.submit()
    person.at("sent")
    tab(person)
    person.open(person.link("/sign-up/complete"))
    person.submit(new_password=person.password, again=person.password)
    person.arrive("/sign-up/protect")
    person.choose("a.secondary")
    assert application.told(person.page)["code"]


def test_reset_on_the_way(person: Person, application: Application) -> None:
    """Who has forgotten the password sets a new one by a link in another tab, signs in with it, and goes on."""
    person.sign_up()
    person.open("/security")
    person.sign_out()
    person.open(application.asks())
    person.arrive("/sign-in")
    person.choose("a[href='/forgot']")
    person.submit(email=person.email)
    person.at("sent")

    tab(person)
    person.open(person.link("/reset"))
    person.submit(new_password="Third-Staple-5", again="Third-Staple-5")
    person.page.wait_for_url("**/sign-in#reset")
    assert person.see("[data-onward]").inner_text() == "Sign in to continue to Orders."
    person.submit(email=person.email, password="Third-Staple-5")
    assert application.told(person.page)["code"]


def test_a_code_on_the_way(person: Person, application: Application) -> None:
    """Sign-in asks for the code as ever, and then leads on."""
    person.sign_up_protected()
    person.sign_out()
    person.open(application.asks())
    person.arrive("/sign-in")
    person.submit(email=person.email, password=person.password)
    person.at("code")
    assert person.app
    person.fill(code=person.app.code())
    assert application.told(person.page)["code"]


def test_a_second_factor_that_the_application_asks_for(person: Person, application: Application) -> None:
    """Set up where there is none; proven where it was not asked for at sign-in."""
    person.sign_up()
    person.open(application.asks(acr_values=TWO_FACTORS))
    person.at("set-up")
    assert "Orders" in person.see("[data-says=asks_second]").inner_text()
    person.choose("a.primary")
    person.fill(code=person.scan().code())
    person.keep_codes()
    person.submit(saved_code=person.recovery_codes[0])
    assert application.told(person.page)["code"]


def test_a_second_factor_that_was_not_asked_for(person: Person, application: Application) -> None:
    """On a device that is remembered no code is asked for, but an application may want one."""
    person.sign_up_protected()
    assert person.app
    person.sign_out()
    person.submit(email=person.email, password=person.password)
    person.at("code")
    person.page.check("#remember_by_code")
    person.fill(code=person.app.code())
    person.see("#account")
    person.sign_out()
    person.submit(email=person.email, password=person.password)
    person.see("#account")

    person.open(application.asks(acr_values=TWO_FACTORS))
    person.at("confirm")
    assert "Orders" in person.see("[data-says=asks_proof]").inner_text()
    person.submit(password_confirm=person.password)
    assert person.error_at("proof_confirm")
    person.submit(proof_confirm="wrong")
    assert person.error_at("proof_confirm")
    person.submit(proof_confirm=person.app.code())
    assert application.told(person.page)["code"]


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "3600"}, {"prompt": "select_account"}])
def test_a_sign_in_that_is_not_fresh(person: Person, application: Application, asked: dict[str, str]) -> None:
    """Who is signed in already shows that it is them: the password is asked for, and no code where there is none."""
    person.sign_up()
    age_session(person)
    person.open(application.asks(**asked))
    person.at("confirm")
    assert person.email in person.see("[data-who]").inner_text()
    assert not person.page.locator("#proof_confirm").is_visible()
    person.submit(password_confirm="not-This-1")
    assert person.error_at("password_confirm") == "This isn't your current password"
    person.submit(password_confirm=person.password)
    assert application.told(person.page)["code"]
    if "prompt" in asked:  # another time, it is asked for again
        person.open(application.asks(**asked))
        person.at("confirm")


def test_a_session_that_ends_on_the_way(person: Person, application: Application) -> None:
    """Who is asked for the password and has been signed out meanwhile signs in, and goes on."""
    person.sign_up()
    person.open(application.asks(prompt="login"))
    person.at("confirm")
    person.page.context.clear_cookies()
    person.submit(password_confirm=person.password)
    person.page.wait_for_url("**/sign-in?next=/oauth/authorize**")
    assert person.see("[data-onward]").inner_text() == "Sign in to continue to Orders."
    person.submit(email=person.email, password=person.password)
    assert application.told(person.page)["code"]


def test_not_to_confirm(person: Person, application: Application) -> None:
    """The application is told that the person did not want to."""
    person.sign_up()
    person.open(application.asks(prompt="login"))
    person.at("confirm")
    person.choose("[data-deny]")
    assert application.told(person.page)["error"] == "access_denied"


def test_consent(person: Person, stranger: Application) -> None:
    """Of others' applications: who asks, as whom, for what, and where it leads. Allowed once, it is not asked again."""
    person.sign_up()
    person.open(stranger.asks())
    person.at("consent")
    assert person.see("h1").inner_text() == "Allow Ledgers?"
    assert person.email in person.see("[data-step=consent] .who").inner_text()
    assert person.page.locator("#scopes li").all_inner_texts() == [
        "Know who you are",
        "See your email address",
        "Keep you signed in",
        "Use “orders:read”",
    ]
    assert person.see("#returns").inner_text() == "You'll return to the application on this device."
    assert tokens_in_reach(person.page) == []
    allow(person)
    assert stranger.told(person.page)["code"]

    person.open(stranger.asks())
    assert stranger.told(person.page)["code"]


def test_consent_refused(person: Person, stranger: Application) -> None:
    """The application is told so, and gets nothing; it has to ask again."""
    person.sign_up()
    for _ in range(2):
        person.open(stranger.asks(state="s"))
        person.at("consent")
        person.choose("[data-deny]")
        told = stranger.told(person.page)
        assert told == {"error": "access_denied", "state": "s", "iss": person.origin}


@pytest.mark.parametrize(
    "extra", ["consent=openid&consent=email&consent=offline_access&consent=orders%3Aread", "page=1"]
)
def test_no_link_consents(person: Person, stranger: Application, extra: str) -> None:
    """What only the page may say is not taken from the query, which whoever made the link wrote."""
    person.sign_up()
    person.open(f"{stranger.asks()}&{extra}&denied=true&since=1")
    person.at("consent")


def test_a_click_that_was_meant_for_another_window(person: Person, stranger: Application) -> None:
    """Whoever has another window closed by the first click of two gets no consent by the second click."""
    person.sign_up()
    person.open(stranger.asks())
    person.at("consent")
    button = person.page.locator("form button.primary").locator("visible=true")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    person.page.evaluate(
        """() => {
            dispatchEvent(new Event("focus"));
            document.querySelector("[data-step=consent] form button.primary").click();
        }"""
    )
    expect(button).to_have_attribute("aria-disabled", "true")
    person.at("consent")
    allow(person)
    assert stranger.told(person.page)["code"]


def test_no_consent_within_another_page(person: Person, stranger: Application, noise: list[str]) -> None:
    """Another site cannot show the page within its own, and so have it clicked unseen."""
    person.sign_up()
    with pages(f"<!doctype html><iframe src='{person.origin}{stranger.asks()}'></iframe>") as port:
        with person.page.expect_request(f"{person.origin}/oauth/authorize?**") as framed:
            person.page.goto(f"http://127.0.0.1:{port}/")
        framed.value.response()
        person.page.wait_for_timeout(300)  # until the console has spoken
        assert person.page.frames[1].locator("[data-step]").count() == 0
    assert any("frame-ancestors 'none'" in each for each in noise)
    noise.clear()


def test_another_account(person: Person, new_person: NewPerson, stranger: Application) -> None:
    """Who is signed in as somebody else is signed out, signs in as themselves, and goes on."""
    other = new_person()
    other.sign_up()
    person.sign_up()
    person.open(stranger.asks())
    person.at("consent")
    person.choose("[data-step=consent] [data-other]")
    person.arrive("/sign-in")
    assert person.see("[data-onward]").inner_text() == "Sign in to continue to Ledgers."
    person.submit(email=other.email, password=other.password)
    person.at("consent")
    assert other.email in person.see("[data-step=consent] .who").inner_text()
    allow(person)
    assert stranger.told(person.page)["code"]


def test_two_applications_at_once(person: Person, application: Application, stranger: Application) -> None:
    """Each tab leads back to the application that it came from; what one has answered is over in the other."""
    person.sign_up()
    person.open("/security")
    person.sign_out()
    first = person.page
    person.open(application.asks())
    person.arrive("/sign-in")
    tab(person)
    person.open(stranger.asks())
    person.arrive("/sign-in")
    assert person.see("[data-onward]").inner_text() == "Sign in to continue to Ledgers."

    person.page, second = first, person.page
    person.submit(email=person.email, password=person.password)
    assert application.told(person.page)["code"]
    person.page = second
    person.submit(email=person.email, password=person.password)
    allow(person)
    assert stranger.told(person.page)["code"]


def test_on_from_account_security(person: Person, application: Application) -> None:
    """Who came to the account's own pages in between finds a button there, until they sign out."""
    person.open(application.asks())
    person.arrive("/sign-in")
    person.sign_up()
    person.open("/security")
    assert person.see("[data-onward]").inner_text() == "Continue to Orders"
    person.choose("[data-onward]")
    assert application.told(person.page)["code"]

    person.open(application.asks(prompt="login"))
    person.at("confirm")
    person.open("/security")
    assert person.see("[data-onward]")
    person.sign_out()
    assert not person.page.locator("[data-onward]").locator("visible=true").count()
    person.submit(email=person.email, password=person.password)
    person.see("#account")


def test_an_hour_later(person: Person, application: Application) -> None:
    """What somebody was on the way to is forgotten after an hour."""
    person.sign_up()
    person.open("/security")
    person.sign_out()
    person.open(application.asks())
    person.arrive("/sign-in")
    person.page.evaluate("""() => {
        const kept = JSON.parse(localStorage.getItem("rekey-onward"));
        for (const each of kept) each.until -= 3600000;
        localStorage.setItem("rekey-onward", JSON.stringify(kept));
    }""")
    person.page.reload()
    assert not person.page.locator("[data-onward]").locator("visible=true").count()
    person.submit(email=person.email, password=person.password)
    person.see("#account")


def test_another_language_on_the_way(person: Person, stranger: Application) -> None:
    """The application asks for a language, the person chooses another, and the request goes on in it as it was."""
    person.sign_up()
    person.open(stranger.asks(ui_locales="sv en", state="a&lang=b"))
    person.at("consent")
    assert person.see("h1").inner_text() == "Tillåt Ledgers?"
    person.choose("footer a[hreflang=fr]")
    person.at("consent")
    assert person.see("h1").inner_text() == "Autoriser Ledgers\u00a0?"
    allow(person)
    told = stranger.told(person.page)
    assert (told["state"], bool(told["code"])) == ("a&lang=b", True)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"redirect_uri": "http://127.0.0.1:1/elsewhere"}, "redirect_uri_invalid"),
        ({"redirect_uri": ""}, "redirect_uri_invalid"),
        ({"client_id": "nobody"}, "client_unknown"),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    person: Person, application: Application, wrong: dict[str, str], code: str
) -> None:
    """The person is told, by no link to it; there is nothing to go on to."""
    person.open(application.asks(**wrong))
    person.at("wrong")
    assert person.see("[data-code]").inner_text().endswith(code)
    assert person.page.url.startswith(person.origin)
    assert not person.page.locator("main a").locator("visible=true").count()
    assert person.page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"scope": "account"}, "invalid_scope")],
)
def test_a_request_that_is_wrong(person: Person, application: Application, wrong: dict[str, str], error: str) -> None:
    """The application is told, whoever is signed in or not."""
    person.open(application.asks(**wrong))
    assert application.told(person.page)["error"] == error


def test_an_app_on_this_device(person: Person, register: Register) -> None:
    """It is opened by its own scheme, and by a button where the browser waits for a press. No code is in the page."""
    native = register(type="native", redirect_uris=["com.example.orders:/callback"], first_party=True)
    person.sign_up()
    browser, led = person.page.context.new_cdp_session(person.page), list[str]()
    browser.send("Page.enable")
    browser.on("Page.frameRequestedNavigation", lambda event: led.append(event["url"]))
    person.open(native.asks(redirect_uri="com.example.orders:/callback"))
    person.at("leaving")
    person.choose("#open-app")

    person.page.wait_for_timeout(300)  # until both are told
    assert [url.partition("code=")[0] for url in led] == ["com.example.orders:/callback?"] * 2
    assert tokens_in_reach(person.page) == []
    assert person.page.url.startswith(person.origin)


def test_the_api_does_not_answer(person: Person, application: Application) -> None:
    """The page says so, and asks again when it is told to."""
    person.sign_up()
    person.page.route("**/oauth/authorize", lambda route: route.abort())
    person.open(application.asks())
    assert "can't reach" in person.see(".summary").inner_text()
    person.page.unroute("**/oauth/authorize")
    person.choose(".again button")
    assert application.told(person.page)["code"]


def connected(person: Person) -> list[str]:
    person.open("/security")
    person.see("#account")
    return person.page.locator("#applications li strong").all_inner_texts()


def test_disconnect(person: Person, stranger: Application, application: Application) -> None:
    """Account security lists what is connected and what each may do. Disconnected, it is signed out, and asks anew."""
    person.sign_up()
    assert connected(person) == []
    assert not person.page.locator("#connected").is_visible()
    person.open(application.asks())
    application.told(person.page)
    person.open(stranger.asks())
    allow(person)
    tokens = stranger.redeem(stranger.told(person.page)["code"]).json

    assert sorted(connected(person)) == ["Ledgers", "Orders"]
    assert "Ledgers" in person.page.locator("#sessions strong").all_inner_texts()
    row = person.page.locator("#applications li", has_text="Ledgers")
    assert "Know who you are" in row.inner_text()
    assert row.locator("button").get_attribute("aria-label") == "Disconnect: Ledgers"
    row.locator("button").click()
    assert person.see("#news").inner_text() == "That application is disconnected. You're signed out of it."
    expect(person.page.locator("#applications-title")).to_be_focused()
    assert connected(person) == ["Orders"]
    assert "Ledgers" not in person.page.locator("#sessions strong").all_inner_texts()

    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": stranger.client_id}
    assert stranger.call("/oauth/token", **refresh).json["error"] == "invalid_grant"
    person.open(stranger.asks())
    person.at("consent")


def test_an_api_of_the_release_before(person: Person) -> None:
    """While two releases are there at once, account security may be told of no application: it shows the rest."""
    person.sign_up()

    def _older(route: Route) -> None:
        answer = route.fetch()
        told: dict[str, Any] = answer.json()
        del told["applications"]
        for each in told["sessions"]:
            each.pop("client_id", None)
        route.fulfill(response=answer, json=told)

    person.page.route("**/account", _older)
    person.open("/security")
    person.see("#account")
    assert person.page.locator("#sessions li").count() == 1
    assert not person.page.locator("#connected").is_visible()


def test_by_keyboard(person: Person, stranger: Application) -> None:
    """Tab leads to every button of the consent, and Enter presses it."""
    from tests.browser.test_keyboard import press

    person.sign_up()
    person.open(stranger.asks())
    person.at("consent")
    press(person, "[data-step=consent] [data-other]:focus-visible", "Shift")
    expect(person.page.locator("[data-step=consent] form button.primary")).not_to_have_attribute(
        "aria-disabled", "true"
    )
    press(person, "[data-step=consent] form button.primary")
    assert stranger.told(person.page)["code"]


def id_token(person: Person, application: Application) -> str:
    """Of an application that the person has just signed in to."""
    person.open(application.asks())
    return str(application.redeem(application.told(person.page)["code"]).json["id_token"])


def logout(**parameters: str) -> str:
    return f"/oauth/logout?{urllib.parse.urlencode(parameters)}"


def is_signed_in(person: Person) -> bool:
    person.open("/security")
    person.page.wait_for_selector("#account:not([hidden]), [data-step=password]:not([hidden])")
    return person.page.locator("#account").is_visible()


def test_sign_out_for_an_application(person: Person, application: Application) -> None:
    """Its hint shows that the person wanted it: they are signed out, and back there."""
    person.sign_up()
    hint = id_token(person, application)
    person.open(logout(id_token_hint=hint, post_logout_redirect_uri=application.farewell, state="s"))
    person.page.wait_for_url(f"{application.farewell}?state=s")
    assert not is_signed_in(person)


def test_sign_out_without_a_hint(person: Person, application: Application) -> None:
    """Anybody could have made the link, so the person is asked."""
    person.sign_up()
    path = logout(client_id=application.client_id, post_logout_redirect_uri=application.farewell)
    person.open(path)
    person.at("confirm")
    person.choose("[data-step=confirm] a")
    person.see("#account")
    person.open(path)
    person.at("confirm")
    person.submit()
    person.page.wait_for_url(f"{application.farewell}**")
    assert not is_signed_in(person)


def test_sign_out_and_stay(person: Person) -> None:
    """Without an address to go to, the page says that it is done; what somebody was on the way to is forgotten."""
    person.sign_up()
    end_access(person)
    person.open("/oauth/logout")
    person.at("confirm")
    person.submit()
    person.at("done")
    assert person.see("h1").inner_text() == "You're signed out"
    assert not is_signed_in(person)


def test_sign_out_that_leads_elsewhere(person: Person, application: Application) -> None:
    """An address that is not registered ends nothing and leads nowhere; the person may still sign out."""
    person.sign_up()
    person.open(logout(client_id=application.client_id, post_logout_redirect_uri="http://127.0.0.1:1/elsewhere"))
    person.at("wrong")
    assert person.page.url.startswith(person.origin)
    assert is_signed_in(person)
    person.page.go_back()
    person.at("wrong")
    person.submit()
    person.at("done")
    assert not is_signed_in(person)


def test_only_what_an_application_asked_is_kept(person: Person, application: Application) -> None:
    """Nothing in storage but the request: its query, the name, the time and the address that the application named."""
    person.open(application.asks(id_token_hint="hint", login_hint="a@example.com"))
    person.arrive("/sign-in")
    (kept,) = person.page.evaluate("JSON.parse(localStorage.getItem('rekey-onward'))")
    assert {*kept} == {"query", "name", "hint", "since", "until"}
    assert "id_token_hint" not in kept["query"]
    assert (
        person.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]") == ["rekey-onward"] * 2
    )
    assert set(urllib.parse.parse_qs(kept["query"][1:])["scope"]) == {" ".join(SCOPES)}
