"""What people are written."""

from __future__ import annotations

import email.policy
import html
import re
from email.message import EmailMessage

import pytest

from local.mail_samples import ADMIN, sample_event, sample_mails
from rekey import ids, settings
from rekey.accounts import event_members, event_types
from rekey.accounts.event_types import APPLICATION_CONNECTED, EVENT_TYPES, SIGNED_IN, NoNotice
from rekey.api import programs
from rekey.languages.locale import locale
from rekey.languages.preference import LANGUAGES
from rekey.mail import mails, notices, sender
from tests.stack import Stack, text_of

BY_ADMIN = {"reset admin"} | {
    f"{kind} {case}".strip()
    for kind, entry in EVENT_TYPES.items()
    for case in entry.notices()
    if case == "admin" or event_members.BY_ADMIN in entry.adds
}
HOSTILE = "<script>alert(1)</script>&\"' Call 555-0100"

pytestmark = pytest.mark.usefixtures("stack")


def sent(stack: Stack, mail: mails.Mail, to: str = "alice@example.com", event_id: str = "") -> EmailMessage:
    sender.send(mail, to, event_id or ids.new_id(), "owners")
    return stack.inbox[-1]


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body
    return str(body.get_content())


def shown(page: str) -> str:
    """The words of a page that are seen, each space one."""
    body = page.partition("<body")[2].partition(">")[2]
    seen = re.sub(r"<!--.*?-->|<div style=\"display:none.*?</div>", "", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", seen)).split())


@pytest.fixture(params=sorted(LANGUAGES))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_case_has_its_notice(kind: str) -> None:
    """Whatever an event says, it finds a notice, each notice is found, and a type without any says why."""
    entry = EVENT_TYPES[kind]
    said = [{name: value} for name in entry.choices() for value in entry.members()[name]["enum"]] or [{}]
    by_admin = [{"admin": ADMIN}] if "admin" in entry.members() else []
    found = {notices.find(sample_event(kind, **detail)) for detail in [*said, *by_admin]}
    if kind in {SIGNED_IN, APPLICATION_CONNECTED}:  # on a known device, to the team's own, people do it all day
        found.remove(None)

    assert found == ({None} if isinstance(entry.notice, NoNotice) else {*entry.notices().values()})
    assert not isinstance(entry.notice, NoNotice) or entry.notice.why


@pytest.mark.parametrize("scope", ["all", "others"])
def test_notice_of_an_event_with_its_detail(scope: str) -> None:
    """What an event's detail says is what its mail says."""
    said = EVENT_TYPES[event_types.SESSIONS_REVOKED].notices()

    assert notices.find(sample_event(event_types.SESSIONS_REVOKED, scope=scope)) is said[scope]
    assert notices.find(sample_event(event_types.SESSIONS_REVOKED, scope=scope, admin=ADMIN)) is said["admin"]


def test_event_of_a_newer_release() -> None:
    """After a release was taken back, an event of a type that is not known owes no mail, and holds up none."""
    assert notices.find(sample_event("account.unheard_of")) is None


def test_text_and_html_say_the_same(stack: Stack, language: str) -> None:
    """Every mail's HTML shows each line of its text, in the language that both are marked as."""
    for name, mail in sample_mails(language).items():
        message = sent(stack, mail)
        seen = shown(html_of(message))
        lines = [" ".join(line.split()) for line in text_of(message).splitlines() if line.strip("- ")]
        assert [line for line in lines if line not in seen] == [], name
        assert message["Content-Language"] == language
        assert f'<html lang="{language}">' in html_of(message)


def test_one_link(stack: Stack, language: str) -> None:
    """A mail has one link: the button's, and bare beneath it and in the text."""
    for name, mail in sample_mails(language).items():
        message = sent(stack, mail)
        assert re.findall(r"https?://\S+", text_of(message)) == [mail.url], name
        assert re.findall(r'href="([^"]+)"', html_of(message)) == [mail.url] * 2, name
        assert mail.url in shown(html_of(message)), name
        assert not re.search(r"<(img|link|script)|url\(", html_of(message)), name


@pytest.mark.parametrize("parameters", [{"SupportUrl": "https://help.example.com/?a=1&b=2"}])
def test_support_at_the_foot(stack: Stack, language: str) -> None:
    """Where the team has named its support, it stands at the foot of every mail, below all else."""
    _ = locale(language).gettext
    for name, mail in sample_mails(language).items():
        message = sent(stack, mail)
        line = _("{name}: {fact}", name=_("Support"), fact="https://help.example.com/?a=1&b=2")
        assert text_of(message).rstrip().endswith(line), name
        assert shown(html_of(message)).endswith(line.replace("\u00a0", " ")), name
        assert re.findall(r'href="([^"]+)"', html_of(message))[2:] == ["https://help.example.com/?a=1&amp;b=2"], name


def test_no_field_is_left_open(stack: Stack, language: str) -> None:
    """Nothing of a template or of a text's fields is seen, and the subject fits a phone."""
    for name, mail in sample_mails(language).items():
        message = sent(stack, mail)
        assert not re.search(r"[{}]|%\(", text_of(message) + shown(html_of(message))), name
        assert message["Subject"] == mail.subject
        assert len(mail.subject) <= 50, name


def test_circumstances(stack: Stack) -> None:
    """Each mail tells when, from which network and with what program; or that an administrator did it."""
    for name, mail in sample_mails("sv").items():
        text = text_of(sent(stack, mail))
        assert "När: 15 januari 2027 kl. 08:00 UTC" in text, name
        by_admin = "en administratör" in text
        assert by_admin == (name in BY_ADMIN), name
        assert ("Nätverksadress: 192.0.2.0/24" in text) is not by_admin, name
        assert ("Program: Firefox, Windows" in text) is not by_admin, name


def test_no_admin_is_named(stack: Stack, language: str) -> None:
    """What an admin did is told as an administrator's: neither their ARN nor their reason is in the mail."""
    for name in BY_ADMIN:
        message = sent(stack, sample_mails(language)[name])
        assert not re.search(r"arn:aws|4711|192\.0\.2", text_of(message) + html_of(message)), name


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (3, "You have 3 unused codes left."),
        (2, "You have 2 unused codes left. Get new"),
        (1, "You have 1 unused code left. Get new"),
        (0, "That was your last recovery code. Get new ones now"),
    ],
)
def test_codes_left(left: int, said: str) -> None:
    """Whoever has few recovery codes left is told to make new ones, the more urgently the fewer."""
    assert said in notices.codes_left(locale("en"), left)
    assert ("Get new" in notices.codes_left(locale("en"), left)) == (left <= 2)


def test_headers(stack: Stack) -> None:
    """A mail comes from the sender, to one person, is marked as automatic and dated."""
    message = sent(stack, sample_mails("en")["reset"])

    assert message["From"] == '"Rekey" <no-reply@example.com>' or message["From"] == "Rekey <no-reply@example.com>"
    assert message["To"] == "alice@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert {name.lower() for name in message} >= {"mime-version", "message-id"}
    assert not message["Bcc"]


def test_repeat_is_known_by_its_id(stack: Stack) -> None:
    """A mail that is sent again for the same event has the same Message-ID, and another event's has another."""
    mail, event_id = sample_mails("en")["reset"], ids.new_id()

    first, again, other = (sent(stack, mail, event_id=each)["Message-ID"] for each in (event_id, event_id, "other"))

    assert first == again == f"<{event_id}@example.com>"
    assert other != first


def test_token_in_the_fragment(stack: Stack) -> None:
    """The token stands in the fragment, which no server is sent."""
    for name in ("reset", "sign-up"):
        text = text_of(sent(stack, sample_mails("en")[name]))
        assert "#token=the-token" in text
        assert "?" not in text.partition("https://")[2].split()[0]


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: b@example.com", "a@example.com\nSubject: x"])
def test_no_header_can_be_added(stack: Stack, to: str) -> None:
    """An address that would begin a header of its own is not written to, should it ever get this far."""
    before = len(stack.inbox)

    with pytest.raises(ValueError, match=r"linefeed|carriage return|Header values"):
        sender.send(sample_mails("en")["reset"], to, ids.new_id(), "owners")

    assert len(stack.inbox) == before


def test_a_program_writes_no_part_of_a_mail(stack: Stack) -> None:
    """What a program calls itself is in no mail, neither as markup nor as words."""
    for mail in sample_mails("en", HOSTILE).values():
        message = sent(stack, mail)
        assert "<script" not in html_of(message)
        assert "555-0100" not in text_of(message) + html_of(message)
        assert ("Program: an unknown program" in text_of(message)) is ("By: an administrator" not in text_of(message))


@pytest.mark.parametrize(
    ("user_agent", "described"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Microsoft Edge, Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1", "Safari, macOS"),
        ("curl/8.9.1", "curl"),
        ("Firefox/<script>", "Firefox"),
        ("somebody's own", ""),
        ("", ""),
    ],
)
def test_programs(user_agent: str, described: str) -> None:
    """A program is called by a name of ours, or by none."""
    assert programs.describe(user_agent) == described


@pytest.mark.parametrize("parameters", [{"Issuer": "Grüße & Söhne {0} O'Neil, Ltd. \\o/"}])
def test_issuer_of_any_characters(stack: Stack, language: str) -> None:
    """A team's name may have any letters and signs the template takes, braces and commas too."""
    for mail in sample_mails(language).values():
        message = sent(stack, mail)
        addresses = message["From"].addresses
        assert [address.addr_spec for address in addresses] == ["no-reply@example.com"]
        assert "Grüße & Söhne {0}" in text_of(message)
        assert not message.defects


@pytest.mark.parametrize("parameters", [{"Issuer": "Acme\\"}])
def test_issuer_ending_in_a_backslash(stack: Stack) -> None:
    """The sender's address survives any name the template takes."""
    message = sent(stack, sample_mails("en")["reset"])

    assert [address.addr_spec for address in message["From"].addresses] == ["no-reply@example.com"]


@pytest.mark.parametrize("parameters", [{"Issuer": "W" * 64}])
def test_lines_are_short_enough(stack: Stack, language: str) -> None:
    """No line is longer than SMTP carries (RFC 5322 §2.1.1), as sent and as HTML, with the longest token and name."""
    event = sample_event(event_types.RESET_REQUESTED, "x" * 200)
    message = sent(stack, mails.reset(locale(language), event, "t" * 130))

    raw = message.as_bytes(policy=email.policy.SMTP)
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 998
    assert max(len(line.encode()) for line in html_of(message).splitlines()) <= 998


@pytest.mark.parametrize(
    ("seconds", "words"), [(300, "5 minutes"), (3600, "1 hour"), (5400, "90 minutes"), (86400, "24 hours")]
)
def test_link_life_in_words(stack: Stack, monkeypatch: pytest.MonkeyPatch, seconds: int, words: str) -> None:
    """A mail says when its link expires."""
    monkeypatch.setenv("LINK_LIFE", str(seconds))
    settings.settings.cache_clear()

    assert f"expires in {words} " in text_of(sent(stack, sample_mails("en")["reset"]))


@pytest.mark.parametrize(
    ("parameters", "ink"), [({"BrandColor": "#ffd400"}, "#000000"), ({"BrandColor": "#1d4ed8"}, "#ffffff")]
)
def test_button_can_be_read(stack: Stack, parameters: dict[str, str], ink: str) -> None:
    """A button is in the company's colour, its words in the one of black and white that stands out more."""
    page = html_of(sent(stack, sample_mails("en")["reset"]))

    assert f"background:{parameters['BrandColor']};color:{ink}" in page
