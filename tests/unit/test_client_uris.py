"""Addresses that applications may have people sent to (RFC 9700 §2.1, RFC 8252 §7)."""

from __future__ import annotations

import pytest

from rekey.oauth import uris
from rekey.oauth.types import ClientType

HERE = "https://shop.example.com/in"


@pytest.mark.parametrize(
    ("uri", "of"),
    [
        (HERE, "web"),
        (HERE, "spa"),
        (HERE, "native"),
        ("https://shop.example.com:8443/in?from=rekey", "web"),
        ("http://localhost:5173/callback", "spa"),
        ("http://127.0.0.1/in", "web"),
        ("http://127.0.0.1/in", "native"),
        ("http://[::1]:4000/in", "native"),
        ("com.example.app:/in", "native"),
    ],
)
def test_taken(uri: str, of: ClientType) -> None:
    """What RFC 8252 and browsers at work need."""
    assert uris.judge(uri, of) is None
    assert uris.find(uri, [uri], of) == uri


@pytest.mark.parametrize(
    ("uri", "of", "refusal"),
    [
        ("", "web", "invalid"),
        ("/in", "web", "invalid"),
        ("//shop.example.com/in", "web", "invalid"),
        ("HTTPS://shop.example.com/in", "web", "invalid"),
        ("https:/in", "web", "not_allowed"),
        (f"{HERE}#here", "web", "invalid"),
        (f"{HERE}#", "web", "invalid"),
        ("https://*.example.com/in", "web", "invalid"),
        ("https://ada@shop.example.com/in", "web", "invalid"),
        ("https://shop.example.com:port/in", "web", "invalid"),
        ("https://shop.example.com\\@evil.example/in", "web", "invalid"),
        ("https://shop.example.com/in here", "web", "invalid"),
        ("https://shop.example.com/ïn", "web", "invalid"),
        ("https://shop.example.com/in\n", "web", "invalid"),
        (f"{HERE}?{'x' * 500}", "web", "too_long"),
        ("http://shop.example.com/in", "web", "not_allowed"),
        ("http://127.0.0.1.example.com/in", "native", "not_allowed"),
        ("http://localhost/in", "native", "not_allowed"),
        ("com.example.app:/in", "web", "not_allowed"),
        ("app:/in", "native", "not_allowed"),
        ("com.example.app://in", "native", "not_allowed"),
        ("javascript:alert(1)", "spa", "not_allowed"),
        ("javascript:alert(1)", "native", "not_allowed"),
        ("data:text/html,x", "native", "not_allowed"),
    ],
)
def test_refused(uri: str, of: ClientType, refusal: str) -> None:
    """What another server, or a script, could be reached by."""
    assert uris.judge(uri, of) == refusal


@pytest.mark.parametrize(
    "look_alike",
    [
        "https://shop.example.com/in/",
        "https://shop.example.com/IN",
        "https://SHOP.example.com/in",
        "https://shop.example.com./in",
        "https://shop.example.com:443/in",
        "https://shop.example.com/in?",
        "https://shop.example.com/in?a=b",
        "https://shop.example.com/%69n",
        "https://shop.example.com/x/../in",
        "https://ada@shop.example.com/in",
        "http://shop.example.com/in",
        "https://shop.example.com/in#",
        "",
    ],
)
@pytest.mark.parametrize("of", ["web", "spa", "native"])
def test_a_look_alike_is_another_address(look_alike: str, of: ClientType) -> None:
    """Letter for letter: nothing is normalised."""
    assert uris.find(look_alike, [HERE], of) is None


def test_a_loopback_address_has_any_port() -> None:
    """A native application takes the port that is free (RFC 8252 §7.3); no other kind does, and no other host."""
    registered = ["http://127.0.0.1/in", "http://[::1]:1/in"]

    assert uris.find("http://127.0.0.1:49152/in", registered, "native") == "http://127.0.0.1:49152/in"
    assert uris.find("http://[::1]:49152/in", registered, "native") == "http://[::1]:49152/in"
    assert uris.find("http://127.0.0.1:49152/in", registered, "web") is None
    for other in ("http://127.0.0.1:1/other", "http://127.0.0.1:1@evil.example/in", "http://localhost:1/in",
                  "http://127.0.0.1:1/in#x", "http://127.0.0.2:1/in", "https://127.0.0.1:1/in", "http://127.0.0.1:x/in",
                  "http://127.0.0.1:99999/in"):  # fmt: skip
        assert uris.find(other, registered, "native") is None, other
