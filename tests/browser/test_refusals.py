"""What is refused is said once: at its field, at a line of the list of rules, or at the top where it is no field's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

SHORT = ["A capital letter", "A digit", "A special character, such as ! or ?", "At least 9 characters"]
GUESSED = "Hard to guess, and without our name or your email address"


def to_sign_up(person: Person) -> None:
    person.open("/sign-up")
    person.submit(email=person.email)
    person.open(person.link("/sign-up/complete"))


def to_reset(person: Person) -> None:
    person.sign_up()
    person.open("/forgot")
    person.submit(email=person.email)
    person.open(person.link("/reset"))


def to_change(person: Person) -> None:
    person.sign_up()
    person.open("/security/password")
    person.fill(current_password=person.password)


def shown(person: Person, selector: str) -> list[str]:
    return [each for each in person.page.locator(selector).locator("visible=true").all_inner_texts() if each]


@pytest.mark.parametrize("lead", [to_sign_up, to_reset, to_change])
def test_a_weak_password(person: Person, lead: Callable[[Person], None]) -> None:
    """Wherever a password is chosen, its list of rules alone says what it lacks, in red until that is there."""
    lead(person)
    person.submit(new_password="abc", again="abc")
    person.see(".unmet")
    assert sorted(shown(person, ".unmet")) == sorted([*SHORT, GUESSED])
    assert shown(person, ".summary") == []
    assert shown(person, ".error span:not(.heard)") == []
    expect(person.page.locator("#new_password")).to_be_focused()
    expect(person.page.locator("#new_password")).to_have_accessible_description(
        "Add a capital letter Add a digit Add a special character, such as ! or ? Make it longer"
        " This password is easy to guess. Choose another."
    )
    person.fill(new_password="abcD")
    assert sorted(shown(person, ".unmet")) == sorted(SHORT[1:])
    assert person.page.locator(".unmet.met").count() == 0


@pytest.mark.parametrize("lead", [to_sign_up, to_reset, to_change])
def test_two_passwords_that_differ(person: Person, lead: Callable[[Person], None]) -> None:
    """Wherever a password is chosen, it is typed twice, and a slip is said at the second; nothing is sent."""
    lead(person)
    person.submit(new_password="Better-Battery-7", again="Better-Battery-8")
    assert person.error_at("again") == "The two passwords are not the same"
    expect(person.page.locator("#again")).to_be_focused()
    assert shown(person, ".error") == ["The two passwords are not the same"]


def test_a_password_that_is_refused_for_what_no_rule_says(person: Person) -> None:
    """What has no line in the list is said beside the field."""
    to_change(person)
    person.submit(new_password=person.password, again=person.password)
    assert person.error_at("new_password") == "Choose one that differs from your current password"
    assert shown(person, ".unmet") == []


def test_an_error_is_heard_where_the_focus_is_already(person: Person) -> None:
    """A field that is focused anew is read out with its error; one that had the focus is not, and its error speaks."""
    person.open("/forgot")
    person.page.focus("#email")
    person.page.keyboard.press("Enter")
    assert person.error_at("email") == "Enter your email address"
    assert person.page.locator("#email-error").get_attribute("role") == "alert"
    person.page.focus("form button")
    person.page.keyboard.press("Enter")
    expect(person.page.locator("#email")).to_be_focused()
    expect(person.page.locator("#email-error")).not_to_have_attribute("role", "alert")


def test_a_lock_says_what_helps(person: Person) -> None:
    """Too many attempts: for how long to wait, and that a new password is a way in; other refusals do not say that."""
    person.open("/sign-in")
    for _ in range(6):
        with person.page.expect_response("**/sign-in"):
            person.submit(email=person.email, password="wrong-Wrong-1")
    person.choose("#locked a")
    person.arrive("/forgot")
    person.open("/sign-in")
    person.page.context.set_offline(True)
    person.submit(email=person.email, password="wrong-Wrong-1")
    person.see(".summary")
    assert not person.page.locator("#locked").is_visible()
    person.page.context.set_offline(False)
