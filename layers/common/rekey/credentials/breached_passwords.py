"""Whether a new password is known from a data breach, by Have I Been Pwned or a mirror of it (docs/decisions/0015).

Five of the forty digits of its SHA-1 leave, never more: a range of digests comes back, with padding so
that its size does not tell which. https://haveibeenpwned.com/API/v3#PwnedPasswords
"""

from __future__ import annotations

import hashlib
import re
import time
import urllib.parse
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from socket import SHUT_RDWR

from rekey import clock, observability
from rekey.aws import at_once, transport
from rekey.credentials.passwords import normalise
from rekey.settings import settings

LIMIT = 1.0  # seconds that somebody waits for it, whatever the other side does
LARGEST = 256 * 1024  # bytes: several times a range with its padding
FAILURES, REST = 3, 60  # in a row, after which nobody waits for it for so many seconds
_PREFIX = 5  # digits
_HEADERS = {"Add-Padding": "true", "User-Agent": "rekey"}
_RANGE = re.compile(rb"(?:[0-9A-F]{35}:[0-9]+(?:\r?\n|\Z))+")


class _Breaker:
    """Of an execution environment: whom others have waited for in vain is left alone for a while."""

    def __init__(self) -> None:
        self._failures, self._rests_until = 0, 0

    def rests(self) -> bool:
        return clock.now() < self._rests_until

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        """After a rest, one more failure begins the next."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = clock.now() + REST


_breaker = cache(_Breaker)


def is_breached(password: str) -> bool:
    """No, where that cannot be found out: then the list of common passwords alone has judged."""
    address = settings().breached_passwords
    if not address:
        return False
    if _breaker().rests():
        observability.count("BreachedPasswordsUnknown", 1, reason="resting")
        return False
    try:
        found = _is_in_range(address, password)
    except (OSError, HTTPException, ValueError) as fault:
        _breaker().failed()
        observability.logger().warning("breached passwords unknown", error=type(fault).__name__)
        observability.count("BreachedPasswordsUnknown", 1, reason="failed")
        return False
    _breaker().succeeded()
    return found


def _is_in_range(address: str, password: str) -> bool:
    digest = hashlib.sha1(normalise(password).encode(), usedforsecurity=False).hexdigest().upper()
    lines = _ask(address + digest[:_PREFIX])
    found = re.search(rb"^%b:([0-9]+)" % digest[_PREFIX:].encode(), lines, re.MULTILINE)
    return found is not None and int(found[1]) > 0  # padding is never counted


def _ask(address: str) -> bytes:
    """In another thread: neither the look-up of a name nor an answer that drips can be given a limit otherwise.

    Raises OSError (TimeoutError too), HTTPException, ValueError.
    """
    url = urllib.parse.urlsplit(address)
    connection = transport.connection_to(url, LIMIT)
    answer = at_once.begin(_fetch, connection, url.path)
    try:
        return answer.result(LIMIT)
    finally:
        _cut(connection)


def _cut(connection: HTTPConnection) -> None:
    """Whatever has not come by now keeps no thread."""
    with suppress(OSError, AttributeError):  # not connected yet, or no more
        connection.sock.shutdown(SHUT_RDWR)
    connection.close()


def _fetch(connection: HTTPConnection, path: str) -> bytes:
    """A redirect is no answer: it could lead anywhere."""
    deadline = time.monotonic() + LIMIT
    connection.request("GET", path, headers=_HEADERS)
    with connection.getresponse() as answer:
        content = b""
        while part := answer.read1(LARGEST):
            content += part
            if len(content) > LARGEST or time.monotonic() > deadline:
                raise HTTPException
        if answer.status != HTTPStatus.OK or answer.length or not _RANGE.fullmatch(content):
            raise HTTPException
        return content
