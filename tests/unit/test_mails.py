"""What people are written."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage

import pytest

from rekey import clock, events, ids, mails, settings
from rekey.store import Row
from tests.stack import Stack, text_of

# The events that owe no mail: their owner has just done it, or is told by another event of the same moment.
SILENT = {events.ACCOUNT_CREATED, events.SIGNED_IN, events.SESSION_REVOKED}
BY_LINK = {events.SIGN_UP_REQUESTED, events.RESET_REQUESTED}
KINDS = {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}
HOSTILE = "<script>alert(1)</script>&\"'"


def event(kind: str, client: str = "tests") -> Row:
    detail = {"scope": "all", "codes_left": 9, "factor": "password", "session_id": ids.new_id()}
    made = {"pk": "account#id", "type": kind, "at": clock.now(), "client": client, "client_address": "192.0.2.0/24"}
    return {**made, **detail, "event_id": ids.new_id(), "email": "alice@example.com"}


def all_mails(client: str = "tests") -> dict[str, mails.Mail]:
    """Every mail there is, by a name for it."""
    notices = {kind: mails.notice(event(kind, client)) for kind in mails.NOTICES}
    return {
        **{kind: mail for kind, mail in notices.items() if mail},
        "reset": mails.reset(event(events.RESET_REQUESTED, client), "the-token"),
        "sign-up": mails.complete_sign_up(event(events.SIGN_UP_REQUESTED, client), "the-token"),
        "registered": mails.already_registered(event(events.SIGN_UP_REQUESTED, client)),
    }


def sent(stack: Stack, mail: mails.Mail, to: str = "alice@example.com", event_id: str = "") -> EmailMessage:
    mails.send(mail, to, event_id or ids.new_id())
    return stack.inbox[-1]


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body
    return str(body.get_content())


def test_every_event_owes_a_mail_or_says_why_not() -> None:
    """Each kind of event has its mail, or is one of those that owe none."""
    assert set(mails.NOTICES) == KINDS - SILENT - BY_LINK


@pytest.mark.parametrize("kind", sorted(SILENT))
def test_silent(kind: str) -> None:
    """An event that owes none gets none."""
    assert mails.notice(event(kind)) is None


def test_text_and_html_say_the_same(stack: Stack) -> None:
    """Every mail has a subject, a text and an HTML with the same link, and tells when and from where it was."""
    for name, mail in all_mails().items():
        message = sent(stack, mail)
        text, html = text_of(message), html_of(message)
        assert mail.subject == message["Subject"], name
        for part in (text, html):
            assert mail.url in part, name
            assert "192.0.2.0/24" in part, name
            assert "Rekey" in part, name
            assert "{" not in part.partition("<style")[0].replace("{subject}", ""), name


def test_headers(stack: Stack) -> None:
    """A mail comes from the sender, to one person, is marked as automatic and dated."""
    message = sent(stack, all_mails()["reset"])

    assert message["From"] == '"Rekey" <no-reply@example.com>' or message["From"] == "Rekey <no-reply@example.com>"
    assert message["To"] == "alice@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert {name.lower() for name in message} >= {"mime-version", "message-id"}
    assert not message["Bcc"]


def test_repeat_is_known_by_its_id(stack: Stack) -> None:
    """A mail that is sent again for the same event has the same Message-ID, and another event's has another."""
    mail, event_id = all_mails()["reset"], ids.new_id()

    first, again, other = (sent(stack, mail, event_id=each)["Message-ID"] for each in (event_id, event_id, "other"))

    assert first == again == f"<{event_id}@example.com>"
    assert other != first


def test_token_in_the_fragment(stack: Stack) -> None:
    """The token stands in the fragment, which no server is sent."""
    for name in ("reset", "sign-up"):
        text = text_of(sent(stack, all_mails()[name]))
        assert "#token=the-token" in text
        assert "?" not in text.partition("https://")[2].split()[0]


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: b@example.com", "a@example.com\nSubject: x"])
def test_no_header_can_be_added(stack: Stack, to: str) -> None:
    """An address that would begin a header of its own is not written to, should it ever get this far."""
    before = len(stack.inbox)

    with pytest.raises(ValueError, match=r"linefeed|carriage return|Header values"):
        mails.send(all_mails()["reset"], to, ids.new_id())

    assert len(stack.inbox) == before


def test_html_is_escaped(stack: Stack) -> None:
    """What a program calls itself is text, in HTML too."""
    for mail in all_mails(HOSTILE).values():
        message = sent(stack, mail)
        assert "<script" not in html_of(message)
        assert not message.defects


@pytest.mark.parametrize("parameters", [{"Issuer": "Grüße & Söhne {0} O'Neil, Ltd. \\o/"}])
def test_issuer_of_any_characters(stack: Stack) -> None:
    """A team's name may have any letters and signs the template takes, braces and commas too."""
    for mail in all_mails().values():
        message = sent(stack, mail)
        addresses = message["From"].addresses
        assert [address.addr_spec for address in addresses] == ["no-reply@example.com"]
        assert "Grüße & Söhne {0}" in text_of(message)
        assert not message.defects


@pytest.mark.parametrize("parameters", [{"Issuer": "Acme\\"}])
def test_issuer_ending_in_a_backslash(stack: Stack) -> None:
    """The sender's address survives any name the template takes."""
    message = sent(stack, all_mails()["reset"])

    assert [address.addr_spec for address in message["From"].addresses] == ["no-reply@example.com"]


def test_lines_are_short_enough(stack: Stack) -> None:
    """No line is longer than SMTP carries (RFC 5322 §2.1.1), with the longest token and name."""
    mails.send(mails.reset(event(events.RESET_REQUESTED, "x" * 120), "t" * 130), "alice@example.com", ids.new_id())
    raw = stack.inbox[-1].as_bytes(policy=email.policy.SMTP)

    assert max(map(len, raw.splitlines())) <= 998


@pytest.mark.parametrize(
    ("seconds", "words"), [(300, "5 minutes"), (3600, "1 hour"), (5400, "90 minutes"), (86400, "24 hours")]
)
def test_link_life_in_words(stack: Stack, monkeypatch: pytest.MonkeyPatch, seconds: int, words: str) -> None:
    """A mail says how long its link is good for."""
    monkeypatch.setenv("LINK_LIFE", str(seconds))
    settings.mail_settings.cache_clear()

    assert f"good for {words} " in text_of(sent(stack, all_mails()["reset"]))
