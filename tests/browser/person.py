"""A person with a browser, a mailbox and a phone: what they can do on the pages, by what they see there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyotp

from tests.local.conftest import PASSWORD, Running, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

STEP = 30  # seconds that a code is shown
MARGIN = 5  # seconds in which whoever types a code gets it there
_SENDS = "form:visible button:not([type=button])"


class Authenticator:
    """An app on a phone. It gives each code once, as a server takes it once."""

    def __init__(self, key: str) -> None:
        self._totp = pyotp.TOTP(key.replace(" ", ""))
        self._last = 0

    def code(self) -> str:
        """The oldest that is taken yet and was not given before: three can be had at any moment, then one waits."""
        step = max(self._last + 1, int(time.time() + MARGIN) // STEP - 1)
        while step > int(time.time()) // STEP + 1:
            time.sleep(0.2)
        self._last = step
        return self._totp.at(step * STEP)

    def code_of_clock(self, minutes: int) -> str:
        """What an app shows whose clock is off."""
        return self._totp.at(int(time.time()) + 60 * minutes)


class Person:
    """One browser context, its page, and what the person keeps elsewhere."""

    def __init__(self, page: Page, instance: Running, email: str, language: str, *, scripts: bool) -> None:
        self.page, self.instance, self.email, self.language = page, instance, email, language
        self.has_scripts = scripts
        self.password = PASSWORD
        self.app: Authenticator | None = None
        self.recovery_codes: list[str] = []

    @property
    def origin(self) -> str:
        return self.instance.client.base_url

    def open(self, path: str) -> None:
        self.page.goto(path if "://" in path else self.origin + path)

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"#{name}", value)

    def submit(self, **fields: str) -> None:
        """Fill what is named, and press the form's button."""
        self.fill(**fields)
        self.page.click(_SENDS)

    def choose(self, selector: str) -> None:
        self.page.locator(selector).locator("visible=true").click()

    def at(self, step: str) -> None:
        """Wait for a step of the page."""
        self.page.wait_for_selector(f'[data-step="{step}"]:not([hidden])')

    def arrive(self, path: str) -> None:
        """Wait until the browser is at a path."""
        self.page.wait_for_url(self.origin + path)

    def see(self, selector: str) -> Locator:
        """What is shown there, as soon as it is."""
        found = self.page.locator(selector).locator("visible=true").first
        found.wait_for()
        return found

    def error_at(self, field: str) -> str:
        """What stands beside a field that was refused."""
        return self.see(f"#{field}-error").inner_text()

    def link(self, path: str, *, not_one_of: tuple[str, ...] = ()) -> str:
        """The newest link in this person's mails that leads there."""

        def look() -> list[str]:
            links = [each for mail in self.mails() for each in mail["links"] if f"{path}#" in each]
            return [each for each in links if each not in not_one_of]

        return wait_for(look)[0]

    def mails(self) -> list[dict[str, Any]]:
        return [mail for mail in self.instance.client.inbox() if mail["to"] == self.email]

    def get_mail(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return wait_for(lambda: list(filter(is_it, self.mails())))[0]

    def sign_up(self) -> None:
        """From the first page to the account."""
        self.open("/sign-up")
        self.submit(email=self.email)
        self.at("sent")
        self.open(self.link("/sign-up/complete"))
        self.submit(new_password=self.password, again=self.password)
        self.arrive("/sign-up/protect")

    def scan(self) -> Authenticator:
        """Take the key that the page shows into the app."""
        self.at("scan")
        self.app = Authenticator(self.see("#key").inner_text())
        return self.app

    def set_up_totp(self) -> None:
        """From account security to the recovery codes, and back."""
        self.choose("#set-up")
        self.fill(code=self.scan().code())
        self.keep_codes()
        self.leave_codes()

    def sign_up_protected(self) -> None:
        """From the first page to an account with two-factor sign-in."""
        self.sign_up()
        self.open("/security")
        self.set_up_totp()

    def keep_codes(self) -> None:
        self.at("codes")
        self.recovery_codes = self.page.locator("#codes li").all_inner_texts()

    def leave_codes(self) -> None:
        """Show one of them, and go on to account security."""
        self.submit(saved_code=self.recovery_codes[0])
        self.see("#account")

    def sign_in(self) -> None:
        """To account security, with a code where it is asked for."""
        self.open("/sign-in")
        self.submit(email=self.email, password=self.password)
        if self.app:
            self.at("code")
            self.fill(code=self.app.code())
        self.see("#account")

    def sign_out(self) -> None:
        self.choose("#sign-out")
        self.page.wait_for_url("**/sign-in#signed-out")
