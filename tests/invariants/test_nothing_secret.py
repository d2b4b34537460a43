"""Nothing secret is readable at rest, in a log, in an event, in a dead-letter queue or in a refusal.

The whole story is told while every secret that comes to be is noted down; then each place is searched for each of them,
as text, as bytes, in base64 and in hex.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rekey import observability
from rekey.credentials import recovery_codes, totp
from tests import story
from tests.calls import watching
from tests.stack import PASSWORD, SECOND_PASSWORD, THIRD_PASSWORD, WRONG_PASSWORD, Clock, Stack, text_of

TELLINGS: list[Told] = []
TOKEN = re.compile(r"rk[a-z]_[0-9a-f]{28,32}\.[0-9a-f]{28}\.([\w-]{43})\.[0-9a-f]{8}")


class Told:
    """What was left behind when the story had been told."""

    def __init__(self) -> None:
        self.secrets: set[bytes] = {
            password.encode() for password in (PASSWORD, SECOND_PASSWORD, THIRD_PASSWORD, WRONG_PASSWORD)
        }
        self.sent: list[str] = []
        self.answers: list[str] = []
        self.published: list[str] = []
        self.rows: list[str] = []
        self.records: list[str] = []
        self.log = ""

    def learn(self, text: str) -> None:
        """The whole of each token in a text, and its secret part alone."""
        self.secrets |= {part.encode() for found in TOKEN.finditer(text) for part in (found[0], found[1])}


@contextmanager
def _noting(told: Told, stack: Stack, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Note every token that is answered or mailed, every TOTP secret and every recovery code as they are made."""
    invoke, new_secret, issue = stack.invoke, totp.new_secret, recovery_codes.issue_recovery_codes

    def answering(function: str, event: dict[str, Any], *context: Any) -> Any:
        if function == "notify":
            told.records.append(plain(event))
        told.learn(plain(event))
        answer = invoke(function, event, *context)
        told.answers.append(json.dumps(answer))
        told.learn(told.answers[-1])
        return answer

    def making() -> bytes:
        secret = new_secret()
        told.secrets |= {secret, totp.as_typed(secret).encode()}
        return secret

    def issuing() -> list[str]:
        codes = issue()
        told.secrets |= {form.encode() for code in codes for form in (code, code.replace("-", ""))}
        return codes

    patch.setattr(stack, "invoke", answering)
    patch.setattr(totp, "new_secret", making)
    patch.setattr(recovery_codes, "issue_recovery_codes", issuing)

    def calling(operation: str, params: dict[str, Any]) -> None:
        if operation == "PutEvents":
            told.published += map(json.dumps, params["Entries"])
        elif operation in {"PutItem", "UpdateItem", "TransactWriteItems"}:
            told.rows.append(plain(params))  # what is written, also where it is deleted before the story ends

    with watching("*", calling):
        yield


def _readable(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def plain(value: Any) -> str:
    """A row or a record with its bytes readable, so that a secret kept raw is found too."""
    return json.dumps(value, default=_readable, ensure_ascii=False)


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Told:
    """The story takes seconds, so it is told once and searched many times."""
    if not TELLINGS:
        TELLINGS.append(_tell(*map(request.getfixturevalue, ("stack", "frozen", "monkeypatch", "capsys"))))
    return TELLINGS[0]


def _tell(stack: Stack, frozen: Clock, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    told, log = Told(), io.StringIO()
    patch.setattr(observability.logger().registered_handler, "stream", log)
    with _noting(told, stack, patch):
        story.tell(stack, frozen)
    for mail in stack.inbox:
        told.sent.append(text_of(mail))
        told.learn(told.sent[-1])
    told.rows += [plain(row) for table in ("AccountsTable", "EventsTable", "TokensTable") for row in stack.rows(table)]
    told.log = log.getvalue() + "".join(capsys.readouterr())
    return told


def forms(secret: bytes) -> set[str]:
    """How a secret may be written: as it is, escaped, in hex, in base64 (without its last characters, which vary)."""
    encoded = {base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode()}
    raw = secret.decode("latin-1")
    return {raw, json.dumps(raw, ensure_ascii=False)[1:-1], secret.hex(), *(text.rstrip("=")[:-1] for text in encoded)}


def leaked(told: Told, texts: list[str]) -> list[str]:
    """The secrets that can be read in any of the texts."""
    whole = "\n".join(texts)
    return [repr(secret) for secret in told.secrets for form in forms(secret) if form in whole]


def test_the_story_has_secrets(told: Told) -> None:
    """The search looks for something: all kinds of secrets came to be, and in places that were searched."""
    prefixes = {secret[:4] for secret in told.secrets if re.match(rb"rk[a-z]_", secret)}
    kinds = ("rka", "rkr", "rkc", "rks", "rkp", "rke", "rkd", "rkx", "rkn", "rko", "rkz")
    assert prefixes == {f"{kind}_".encode() for kind in kinds}
    assert len(told.secrets) > 60
    assert len(told.rows) > 100
    assert len(told.published) > 20
    assert len(told.records) > 3
    assert told.log.count("\n") > 100


def test_found_if_it_were_there(told: Told) -> None:
    """A secret that was kept raw, escaped or encoded would be found."""
    secret = next(secret for secret in told.secrets if len(secret) == 20)

    for kept in (secret, base64.b64encode(b"abc" + secret)[4:], secret.hex().encode()):
        assert leaked(told, [plain({"B": kept})])


def test_nothing_at_rest(told: Told) -> None:
    """No row of either table holds a secret, nor has any ever held one."""
    assert leaked(told, told.rows) == []


def test_nothing_in_the_log(told: Told) -> None:
    """No line of the log or of the metrics holds a secret."""
    assert leaked(told, [told.log]) == []


def test_nothing_on_the_bus(told: Told) -> None:
    """No event on EventBridge holds a secret."""
    assert leaked(told, told.published) == []


def test_nothing_in_the_stream(told: Told) -> None:
    """No record that notify is handed, and so none that ends in the dead-letter queue, holds a secret."""
    assert leaked(told, told.records) == []


def test_no_address_on_the_bus(told: Told) -> None:
    """Other systems are told the account's id; its address they have to ask for."""
    assert not [entry for entry in told.published if "@" in entry]


def test_mails_hold_their_own_link_alone(told: Told) -> None:
    """A mail holds at most one token, of a link, in the fragment; and no password, code or TOTP secret."""
    for mail in told.sent:
        assert len(TOKEN.findall(mail)) <= 1
        assert leaked(told, [re.sub(r"/(reset|sign-up/complete|email/verify)#token=\S+", "", mail)]) == []


def test_refusals_repeat_nothing(told: Told) -> None:
    """No refusal holds a secret of any kind."""
    refusals = [answer for answer in told.answers if "urn:rekey:problem" in answer]

    assert len(refusals) > 10
    assert leaked(told, refusals) == []
