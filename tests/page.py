"""A browser at the hosted pages, without a screen."""

from __future__ import annotations

from typing import Any

from tests.stack import Account, Answer, Stack

PAGE = {"rekey-client": "page", "sec-fetch-site": "same-origin", "origin": "https://api.test", "host": "api.test"}


class Browser:
    """Keeps cookies, and asks as a hosted page does."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.cookies: dict[str, str] = {}

    def call(self, key: str, body: Any = None, **options: Any) -> Answer:
        answer = self._stack.call(key, body, **{"headers": PAGE, "cookies": self.cookies, **options})
        for cookie in answer.cookies:
            name, _, rest = cookie.partition("=")
            value, _, attributes = rest.partition("; ")
            self.cookies.pop(name, None)
            if "Max-Age=0" not in attributes:
                self.cookies[name] = value
        return answer

    def sign_in(self, account: Account) -> Answer:
        return self.call("POST /sign-in", {"email": account.email, "password": account.password})
