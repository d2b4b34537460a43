"""The pages that only the local instance has: start, inbox, API."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from moto.events.models import events_backends

from local.api_page import api_page
from local.aws import ARCHIVE
from local.frame import page
from local.inbox import inbox_page, mails
from local.mails_page import mails_page, path
from local.server import Received, Sent
from local.template import ACCOUNT, REGION
from rekey.languages.preference import LANGUAGES

_HTML = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
_JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]


def sign_up_command(origin: str) -> str:
    """To paste into a shell."""
    return f"curl -i {origin}/sign-up -H 'Content-Type: application/json' -d '{{\"email\": \"alice@example.com\"}}'"


class LocalPages:
    """They stand behind the template's routes: a page that is declared there is the one that is shown."""

    def __init__(self, origin: str, outputs: dict[str, str]) -> None:
        self._origin = origin
        self._pages: dict[str, Callable[[], Sent]] = {
            "/_local": lambda: Sent(HTTPStatus.FOUND, [("Location", "/_local/")]),
            "/_local/": lambda: Sent(HTTPStatus.OK, _HTML, self._start()),
            "/_local/inbox": lambda: Sent(HTTPStatus.OK, _HTML, inbox_page()),
            "/_local/inbox.json": lambda: Sent(HTTPStatus.OK, _JSON, json.dumps(mails()).encode()),
            "/_local/events.json": lambda: Sent(HTTPStatus.OK, _JSON, json.dumps(events(), indent=2).encode()),
            "/_local/outputs.json": lambda: Sent(HTTPStatus.OK, _JSON, json.dumps(outputs).encode()),
            "/_local/api": _api,
            "/_local/mails": lambda: Sent(HTTPStatus.FOUND, [("Location", path("en"))]),
            **{path(language): partial(_mails, language) for language in LANGUAGES},
        }

    def answer(self, received: Received) -> Sent | None:
        if received.method not in {"GET", "HEAD"} or received.path not in self._pages:
            return None
        return self._pages[received.path]()

    def _start(self) -> bytes:
        return page("Start", _START.format(command=html.escape(sign_up_command(self._origin))))


def events() -> list[dict[str, Any]]:
    """Every event on the bus, newest first: what is Rekey's own of it, as docs/events.md has it."""
    archived: list[Any] = events_backends[ACCOUNT][REGION].archives[ARCHIVE].events
    return [{name: event[name] for name in ("source", "detail-type", "detail")} for event in reversed(archived)]


def _mails(language: str) -> Sent:
    return Sent(HTTPStatus.OK, _HTML, mails_page(language))


def _api() -> Sent:
    return Sent(HTTPStatus.OK, _HTML, api_page())


_START = """<h1>Rekey is running</h1>
<p>Everything that <code>template.yaml</code> declares, on this machine: no AWS account, nothing to clean up.
Everything stored is lost when it stops.</p>
<ul>
<li><a href="/sign-up">Create an account</a> or <a href="/sign-in">sign in</a>: the pages that your customers see</li>
<li><a href="/_local/api">API</a>: every call with its fields and refusals, and a form to try it</li>
<li><a href="/_local/inbox">Inbox</a>: the emails arrive here (<a href="/_local/inbox.json">as JSON</a>)</li>
<li><a href="/_local/events.json">Events</a>: what was published on EventBridge, newest first</li>
<li><a href="/_local/mails">Emails</a>: every email, in every language</li>
</ul>
<h2>Try it</h2>
<p>Request an account:</p>
<pre>{command}</pre>
<p>The email is in the <a href="/_local/inbox">inbox</a> at once. Its link leads to choosing a password.
<code>make demo</code> plays the whole story: sign-up, two-factor sign-in, reset, revocation.</p>
"""
