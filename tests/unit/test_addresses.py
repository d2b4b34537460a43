"""E-mail and client addresses."""

import time

import pytest

from rekey.accounts.addresses import email_digest, mailbox_digest, parse_email
from rekey.api.errors import ValidationFailedError
from rekey.api.networks import client_network, shorten_ip


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice@EXAMPLE.Com", "alice@example.com"),
        ("  alice@example.com ", "alice@example.com"),
        ("a.l+i=c/e'{|}@sub.example.co.uk", "a.l+i=c/e'{|}@sub.example.co.uk"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
        ("alice@BÜCHER.example", "alice@xn--bcher-kva.example"),
        ("alice@xn--bcher-kva.example", "alice@xn--bcher-kva.example"),
        ("alice@FAẞ.de", "alice@xn--fa-hia.de"),
        ("alice@faß.de", "alice@xn--fa-hia.de"),
        ("alice@fass.de", "alice@fass.de"),
        ("alice@βόλος.com", "alice@xn--nxasmm1c.com"),
        ("alice@\u212aelvin.com", "alice@kelvin.com"),
        ("alice@bu\u0308cher.example", "alice@xn--bcher-kva.example"),
        ("alice@例え。テスト", "alice@xn--r8jz45g.xn--zckzah"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_one_form(text: str, email: str) -> None:
    """Every spelling of an address comes to one form, which is ASCII and lower case, and stays as it is."""
    assert parse_email(text) == email
    assert parse_email(email) == email


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a+b@example.com", "a@example.com", True),
        ("a+b+c@example.com", "a+d@example.com", True),
        ("a.b@gmail.com", "ab+x@googlemail.com", True),
        ("a.b@example.com", "ab@example.com", False),
        ("a@gmail.com", "a@example.com", False),
        ("+a@example.com", "+b@example.com", False),
    ],
)
def test_mailbox(one: str, other: str, *, same: bool) -> None:
    """Tags are no mailbox of their own, nor dots where the provider leaves them out."""
    assert (mailbox_digest(one) == mailbox_digest(other)) is same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "alice",
        "alice@",
        "@example.com",
        "alice@example",
        "alice@localhost",
        "alice@example.com.",
        "alice@.example.com",
        "alice@example..com",
        "alice@-example.com",
        "alice@example-.com",
        "alice@exa_mple.com",
        "alice@example.com,bob@example.com",
        "alice@example.com;bob@example.com",
        "alice@example.com bob@example.com",
        "alice@bob@example.com",
        "alice@[192.0.2.1]",
        "alice@192.0.2.1",
        "Alice <alice@example.com>",
        "<alice@example.com>",
        '"alice"@example.com',
        '"alice bob"@example.com',
        "alice(comment)@example.com",
        ".alice@example.com",
        "alice.@example.com",
        "al..ice@example.com",
        "al ice@example.com",
        "al\\ice@example.com",
        "älice@example.com",
        "\u212aate@example.com",
        "alice@example.com\n",
        "alice@example.com\r\nBcc: bob@example.com",
        "alice\r\nBcc: bob@example.com",
        "alice@exam\r\nple.com",
        "\nalice@example.com",
        "alice@example.com\0",
        "alice\0@example.com",
        "alice\t@example.com",
        "alice\x7f@example.com",
        "alice\u200b@example.com",
        "alice@exam\u202eple.com",
        "alice@example.com\uff20evil.example",
        "alice@" + "a" * 64 + ".com",
        "alice@example.c\u3000om",
        "alice@example.com/path",
        "alice@example.com%0a",
        "alice@☃.example",
        "alice@ü-.example",
        "alice@a\u200cb.example",
        "alice@xn--ü.example",
        "alice@ü_.example",
        "alice@ü..example",
    ],
)
def test_refused(text: str) -> None:
    """What is no address, or could be read as two or as a header, is refused."""
    with pytest.raises(ValidationFailedError) as refusal:
        parse_email(text)

    assert [error["field"] for error in refusal.value.errors] == ["email"]


@pytest.mark.parametrize("text", ["a" * 65 + "@example.com", "alice@" + "a." * 125 + "com"])
def test_too_long(text: str) -> None:
    """64 octets before the @ and 254 in all are the most that mail carries."""
    with pytest.raises(ValidationFailedError) as refusal:
        parse_email(text)

    assert refusal.value.errors == [{"field": "email", "code": "too_long"}]


@pytest.mark.parametrize(
    "text",
    [
        "a@" + "a." * 8000,
        "a@" + "é." * 5000,
        "a@" + "\u00ad" * 16000 + "é.de",
        "a" * 16000,
        "a." * 8000 + "!",
        "@" * 16000,
    ],
)
def test_no_long_work(text: str) -> None:
    """The longest body that is taken keeps nothing busy."""
    began = time.process_time()
    with pytest.raises(ValidationFailedError):
        parse_email(text)

    assert time.process_time() - began < 1


def test_digest_hides_the_address() -> None:
    """A key carries 128 bits of a hash, and nothing of the address."""
    assert len(email_digest("alice@example.com")) == 32
    assert "alice" not in email_digest("alice@example.com")
    assert email_digest("alice@example.com") != email_digest("bob@example.com")


@pytest.mark.parametrize(
    ("source_ip", "network", "shown"),
    [
        ("192.0.2.77", "192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::/48"),
        ("2001:0DB8:0001:0002::1", "2001:db8:1:2::", "2001:db8:1::/48"),
        ("::1", "::", "::/48"),
    ],
)
def test_client_addresses(source_ip: str, network: str, shown: str) -> None:
    """A client is counted by its IPv4 address or its /64, however that is written, and is shown shortened."""
    assert client_network(source_ip) == network
    assert shorten_ip(source_ip) == shown


def test_one_customer_is_one_client() -> None:
    """Whoever has a /64 to himself does not get an allowance for each of its addresses; his neighbour has his own."""
    assert client_network("2001:db8:1:2::1") == client_network("2001:db8:1:2:ffff::9")
    assert client_network("2001:db8:1:2::1") != client_network("2001:db8:1:3::1")
