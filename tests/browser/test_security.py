"""The security page: what its owner should look at, where they are signed in, and what has happened."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from rekey.accounts import event_types
from tests.browser.past import begin_sessions, happen
from tests.browser.person import Person
from tests.browser.test_keyboard import press
from tests.browser.test_stories import words

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0"
HOSTILE = "Your account is locked: call 555-0100"


def rows(person: Person, place: str) -> list[list[str]]:
    """The lines of each row there."""
    person.see("#account")
    return [text.split("\n") for text in person.page.locator(f"{place} li").all_inner_texts()]


def whats(person: Person, place: str) -> list[str]:
    person.see("#account")
    return person.page.locator(f"{place} [data-what]").all_inner_texts()


def test_what_is_worth_a_look_comes_first(person: Person) -> None:
    """Late changes of what protects the account, and sign-ins unlike those before them; not what is long past, not
    everyday things. A request of a stranger's makes neither their program nor their network a familiar one.
    """
    person.sign_up()
    happen(person, event_types.SIGNED_IN, days=50, client=SAFARI)
    happen(person, event_types.PASSWORD_RESET, days=40, client=SAFARI)
    happen(person, event_types.SIGNED_IN, days=9, client=SAFARI)
    for days in (8.2, 8.1):
        theirs = {"client": FIREFOX, "client_address": "203.0.113.0/24"}
        happen(person, event_types.RESET_REQUESTED, days=days, of_address=True, **theirs)
    happen(person, event_types.SIGNED_IN, days=8, client=FIREFOX, client_address="203.0.113.0/24")
    happen(person, event_types.RECOVERY_CODE_USED, days=7, client=FIREFOX, codes_left=3)
    happen(person, event_types.SIGNED_IN, days=6, client=SAFARI, client_address="2001:db8:1234::/48")
    happen(person, event_types.TOTP_DISABLED, days=5, client="rekey-admin", admin="arn:aws:iam::1:user/ada", reason="x")
    happen(person, event_types.REFRESH_REUSED, days=4, client=HOSTILE, session_id="0" * 28)
    person.open("/security")

    assert whats(person, "#notable") == [
        "Session ended for your safety: it was used from two places",
        "Two-factor sign-in turned off",
        "Signed in from another network",
        "Recovery code used",
        "Signed in with another program",
    ]
    marked = person.page.locator("#events li:has([data-look]:not([hidden])) [data-what]").all_inner_texts()
    assert [*whats(person, "#notable"), "Password reset with an emailed link"] == marked
    look, password = person.see("#look"), person.see("a[href='/security/password']")
    assert top(look) < top(password)


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def test_nothing_to_look_at(person: Person) -> None:
    """A new account has no such list."""
    person.sign_up()
    person.open("/security")
    person.see("#account")
    assert not person.page.locator("#look").is_visible()


def test_activity_by_day(person: Person) -> None:
    """A heading a day, the time of each event under it; networks and programs in words of ours alone."""
    person.sign_up()
    happen(person, event_types.PASSWORD_CHANGED, days=3, client=HOSTILE, client_address="198.51.100.0/24")
    happen(
        person,
        event_types.SESSIONS_REVOKED,
        days=3.01,
        client=FIREFOX,
        client_address="2001:db8:1234::/48",
        scope="all",
    )
    happen(person, event_types.ACCOUNT_UNLOCKED, days=3.02, admin="arn:aws:iam::1:user/ada", reason="x")
    for days in (3.3, 3.2, 3.1):
        happen(person, event_types.SIGN_UP_REQUESTED, days=days, of_address=True)
    person.open("/security")
    told = "\n".join(line for row in rows(person, "#events") for line in row)
    day = datetime.now(UTC) - timedelta(days=3)

    headings = person.page.locator("#events h3").all_inner_texts()
    assert headings[0] == "Today"
    assert any(f"{day.day} {day:%B} {day.year}" in heading for heading in headings)
    assert re.search(r"Account created\n\d\d:\d\d · Chrome, Linux · this computer", told)
    assert re.search(r"Password changed\n\d\d:\d\d · an unknown program · the network 198\.51\.100\.x", told)
    assert re.search(r"Devices signed out\n\d\d:\d\d · Firefox, Windows · the network 2001:db8:1234:…", told)
    assert re.search(r"Sign-in unlocked\n\d\d:\d\d · an administrator$", told, re.MULTILINE)
    assert re.search(r"Sign-up requested\n\d\d:\d\d · 4 times since ", told)  # the person's own is one of them
    assert "555-0100" not in person.page.locator("main").inner_text()


def test_a_network_of_ones_own(person: Person) -> None:
    """What came from where the person is now is said to."""
    person.sign_up()
    happen(person, event_types.PASSWORD_CHANGED, client=FIREFOX, client_address="203.0.113.0/24")
    person.page.route("**/account", _as_if_from_there)
    person.open("/security")
    assert "this network" in " ".join(rows(person, "#events")[0])


def _as_if_from_there(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "client_address": "203.0.113.0/24"})


def test_sessions_say_how_they_began(person: Person) -> None:
    """This one is first; of a session whose beginning was not kept nothing is made up."""
    person.sign_up()
    begin_sessions(person, SAFARI, "pwd", "pwd otp", "pwd device", "pwd recovery", None)
    begin_sessions(person, HOSTILE, "pwd")
    person.open("/security")

    told = rows(person, "#sessions")

    assert told[0][0].startswith("Chrome, Linux")
    assert "This device" in told[0][0]
    assert [re.sub(r"Last active .*", "", row[1]).strip() for row in told] == [
        "Signed up here.",
        "Signed in with a password.",
        "",
        "Signed in with a password and a recovery code.",
        "Signed in with a password. No code was asked for.",
        "Signed in with a password and a code.",
        "Signed in with a password.",
    ]
    assert told[1][0].startswith("An unknown program")


def test_earlier_activity_by_keyboard(person: Person) -> None:
    """A button shows what was before, in its place; the focus goes to the first of it; on the last page it is gone."""
    person.sign_up()
    for days in range(1, 61):
        happen(person, event_types.PASSWORD_CHANGED, days=days)
    person.open("/security")
    person.see("#earlier")
    shown = whats(person, "#events")

    for _ in range(2):
        press(person, "#earlier")
        expect(person.page.locator("#events li")).not_to_have_count(len(shown))
        row = person.page.evaluate("[...document.querySelectorAll('#events li')].indexOf(document.activeElement)")
        assert row == len(shown)
        assert person.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        shown = whats(person, "#events")

    assert shown.count("Password changed") == 60
    times = person.page.locator("#events time").evaluate_all("(times) => times.map((each) => each.dateTime)")
    assert times == sorted(times, reverse=True)
    assert not person.page.locator("#earlier").is_visible()


def test_an_error_is_said_once(person: Person) -> None:
    """One line, which takes the focus; nothing says it a second time to whoever listens."""
    person.sign_up()
    person.open("/security")
    person.see("#account")
    person.page.context.set_offline(True)
    person.choose("#sign-out")
    said = words(person, "We can't reach the service. Check your connection, then try again.")

    assert person.see(".summary").inner_text().strip() == said
    assert person.page.locator("main").inner_text().count(said) == 1
    assert person.page.evaluate("document.activeElement.matches('.summary')")
    assert not person.page.locator(".summary[role=alert], [role=alert] .summary").count()
