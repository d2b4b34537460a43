"""Where an application may have people sent: addresses that are compared letter for letter (RFC 9700 §2.1).

A pattern, a look-alike or a fragment here would hand somebody's code to another server.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Literal

from rekey.oauth.types import ClientType

LONGEST = 500  # characters
_PLAIN = re.compile(r"[!-~]+")  # what URIs are written in (RFC 3986): no space, nothing that a log or a header minds
_LOOPBACK = {"127.0.0.1", "[::1]"}
_OF_DEVELOPERS = {*_LOOPBACK, "localhost"}
_PRIVATE = re.compile(
    r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+"
)  # a domain of the application's own, reversed (RFC 8252 §7.1)

Refusal = Literal["invalid", "too_long", "not_allowed"]


def judge(uri: str, of: ClientType) -> Refusal | None:
    """What keeps an address from being registered for a type of application; None if it may be."""
    if len(uri) > LONGEST:
        return "too_long"
    parts = _split(uri)
    if not parts or "#" in uri or "*" in uri or "\\" in uri or "@" in parts.netloc:
        return "invalid"
    return None if _is_fit(parts, of) else "not_allowed"


def _split(uri: str) -> urllib.parse.SplitResult | None:
    """None for what is no absolute address with a scheme in lower case."""
    try:
        parts = urllib.parse.urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts if _PLAIN.fullmatch(uri) and uri.startswith(f"{parts.scheme}:") and parts.scheme else None


def _is_fit(parts: urllib.parse.SplitResult, of: ClientType) -> bool:
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":  # a browser on the developer's own machine; or a native application's own server
        return _host(parts) in (_LOOPBACK if of == "native" else _OF_DEVELOPERS)
    return of == "native" and not parts.netloc and bool(_PRIVATE.fullmatch(parts.scheme))


def _host(parts: urllib.parse.SplitResult) -> str:
    """As it is written, without the port."""
    return re.sub(r":\d*$", "", parts.netloc)


def find(presented: str, registered: list[str], of: ClientType) -> str | None:
    """The address that a request may have people sent to: the one presented, if it is registered.

    A native application's loopback address may have any port, for it takes the one that is free (RFC 8252 §7.3).
    """
    if presented in registered:
        return presented
    if of != "native":
        return None
    parts = _split(presented)
    if not parts or parts.scheme != "http" or _host(parts) not in _LOOPBACK:
        return None
    return presented if _without_port(presented) in map(_without_port, registered) else None


def _without_port(uri: str) -> str:
    return re.sub(r"^(http://(?:127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)", r"\1", uri)


def with_query(uri: str, parameters: dict[str, str]) -> str:
    """A registered address with an answer in its query, after what it has there already (RFC 6749 §3.1.2)."""
    return f"{uri}{'&' if '?' in uri else '?'}{urllib.parse.urlencode(parameters)}"
