"""The pages by keyboard alone."""

from __future__ import annotations

from tests.browser.person import Authenticator, Person

MOST_TABS = 40  # more than any page has stops
_FOCUS = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const box = document.activeElement.getBoundingClientRect();
    const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
    return { outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, seen,
             what: document.activeElement.outerHTML.slice(0, 100) };
}"""


def tab_to(person: Person, selector: str) -> None:
    """Press Tab until it is there. Wherever the focus stops on the way, it is seen."""
    for _ in range(MOST_TABS):
        person.page.keyboard.press("Tab")
        focus = person.page.evaluate(_FOCUS)
        assert (focus["outlined"], focus["seen"]) == (True, True), focus["what"]
        if person.page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def type_into(person: Person, selector: str, text: str) -> None:
    tab_to(person, selector)
    person.page.keyboard.type(text)


def press(person: Person, selector: str, key: str = "Enter") -> None:
    tab_to(person, selector)
    person.page.keyboard.press(key)


def test_from_sign_up_to_two_factor(person: Person) -> None:
    """Tab, Enter and Space lead from sign-up to the recovery codes and through a sign-in, the focus always seen."""
    page = person.page
    person.open("/sign-up")
    type_into(person, "#email", person.email)
    page.keyboard.press("Enter")
    person.at("sent")
    person.open(person.link("/sign-up/complete"))
    type_into(person, "#new_password", person.password)
    press(person, "[data-reveals]", "Space")
    assert page.locator("#new_password").get_attribute("type") == "text"
    type_into(person, "#again", person.password)
    press(person, "form button.primary", "Space")
    person.arrive("/sign-up/protect")

    press(person, "a.primary")
    person.at("scan")
    person.app = Authenticator(person.see("#key").inner_text())
    type_into(person, "#code", person.app.code())
    person.keep_codes()
    type_into(person, "#saved_code", person.recovery_codes[-1])
    page.keyboard.press("Enter")
    person.see("#account")
    press(person, "#sign-out")
    page.wait_for_url("**/sign-in#signed-out")

    type_into(person, "#email", person.email)
    type_into(person, "#password", person.password)
    page.keyboard.press("Enter")
    person.at("code")
    page.keyboard.type(person.app.code())  # the focus is there already
    person.see("#account")


def test_the_focus_goes_to_what_is_new(person: Person) -> None:
    """A refusal leads to its field, or to the top where it is no field's; a new step begins at its heading."""
    person.open("/sign-up")
    type_into(person, "#email", "nobody")
    person.page.keyboard.press("Enter")
    person.error_at("email")
    assert person.page.evaluate("document.activeElement.id") == "email"
    person.page.context.set_offline(True)
    person.submit(email=person.email)
    person.see(".summary")
    assert person.page.evaluate("document.activeElement.className") == "summary"
    person.page.context.set_offline(False)
    tab_to(person, "#email")
    person.page.keyboard.press("Enter")
    person.at("sent")
    assert person.page.evaluate("document.activeElement.tagName") == "H1"


def test_the_content_can_be_reached_at_once(person: Person) -> None:
    """The first Tab leads to a link past what stands at the top of every page."""
    person.open("/sign-in")
    press(person, "a.skip")
    tab_to(person, "#email")
