"""Breached passwords: what leaves, what is made of each answer, and that nobody waits for long."""

from __future__ import annotations

import gzip
import io
import json
import socket
import threading
import unicodedata
from collections.abc import Iterator

import pytest

from local.template import load_template
from rekey import observability
from rekey.credentials import breached_passwords
from rekey.credentials.breached_passwords import FAILURES, LARGEST, REST, is_breached
from tests.ranges import PATIENCE, Behaviour, Ranges, answering, serving, sha1
from tests.stack import Clock

BREACHED, OTHER = "Correct-Horse-9", "Nobody-Had-This-1"


@pytest.fixture
def ranges(monkeypatch: pytest.MonkeyPatch, frozen: Clock) -> Iterator[Ranges]:  # noqa: ARG001 - the breaker's time
    with serving(Ranges(BREACHED)) as ranges:
        for name, value in load_template({"BreachedPasswords": ranges.address}).environment("change").items():
            monkeypatch.setenv(name, value)
        yield ranges


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, ranges: Ranges) -> None:  # noqa: ARG001 - which are patient
    """The limit is a fifth of a second."""
    monkeypatch.setattr(breached_passwords, "LIMIT", 0.2)


def test_found(ranges: Ranges) -> None:
    """A password that is in the range is breached, another is not."""
    assert is_breached(BREACHED)
    assert not is_breached(OTHER)
    assert len(ranges.requests) == 2


def test_padding_is_not_a_breach(ranges: Ranges) -> None:
    """A digest that is counted 0 times is padding, even if it is the password's own."""
    ranges.known[sha1(OTHER)] = 0

    assert not is_breached(OTHER)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_lines_as_a_mirror_ends_them(ranges: Ranges, end: str) -> None:
    """A mirror may have one line, and end it or not."""
    ranges.behave = lambda connection, _: answering(connection, f"{sha1(BREACHED)[5:]}:1{end}".encode())

    assert is_breached(BREACHED)


def test_as_it_is_kept(ranges: Ranges) -> None:
    """It is asked for the characters that are hashed, however they were typed."""
    ranges.known[sha1("Ångström-1")] = 1

    assert is_breached(unicodedata.normalize("NFD", "Ångström-1"))


def test_what_leaves(ranges: Ranges) -> None:
    """Five digits leave, and who asks: no password, and no more of its digest."""
    is_breached(BREACHED)

    (request,) = ranges.requests
    line, *headers = request.strip().split("\r\n")
    assert line == f"GET /range/{sha1(BREACHED)[:5]} HTTP/1.1"
    assert dict(header.split(": ") for header in headers) == {
        "Host": f"127.0.0.1:{ranges.port}",
        "Accept-Encoding": "identity",
        "Add-Padding": "true",
        "User-Agent": "rekey",
    }


def test_switched_off(monkeypatch: pytest.MonkeyPatch, ranges: Ranges) -> None:
    """Without an address nothing is asked."""
    monkeypatch.setenv("BREACHED_PASSWORDS", "")

    assert not is_breached(BREACHED)
    assert ranges.requests == []


def redirecting(connection: socket.socket, content: bytes) -> None:
    answering(connection, content, f"302 Found\r\nLocation: http://127.0.0.1:{connection.getsockname()[1]}/range/x")


def cut_off(connection: socket.socket, content: bytes) -> None:
    """Between two lines, before the one that is looked for."""
    lines = [line for line in content.splitlines() if sha1(BREACHED)[5:].encode() not in line]
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), b"\r\n".join(lines)))


def endless(connection: socket.socket, content: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(content + b"\r\n")


USELESS: dict[str, Behaviour] = {
    "500": lambda connection, content: answering(connection, content, "500 Internal Server Error"),
    "429": lambda connection, content: answering(connection, content, "429 Too Many Requests"),
    "redirect": redirecting,
    "garbage": lambda connection, _: connection.sendall(b"\xff\0garbage\r\n\r\n" * 99),
    "a page": lambda connection, _: answering(connection, b"<html>Sign in to the network</html>"),
    "nothing": lambda connection, _: answering(connection, b""),
    "compressed": lambda connection, content: answering(connection, gzip.compress(content)),
    "closed": lambda connection, _: connection.close(),
    "cut off": cut_off,
    "huge": lambda connection, content: answering(connection, content * (LARGEST // len(content) + 2)),
    "endless": endless,
}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setattr(observability.logger().registered_handler, "stream", written)
    return written


@pytest.mark.parametrize("behaviour", USELESS)
def test_useless_answers(ranges: Ranges, behaviour: str, log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no range says nothing of a password. It is counted and logged, with nothing of what was asked."""
    ranges.behave = USELESS[behaviour]

    assert not is_breached(BREACHED)
    assert len(ranges.requests) == 1
    said = capsys.readouterr().out + log.getvalue()
    assert '"BreachedPasswordsUnknown":[1.0]' in said
    assert '"reason":"failed"' in said
    assert "breached passwords unknown" in said
    assert BREACHED not in said
    assert sha1(BREACHED)[:5] not in said


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n"


@pytest.mark.parametrize("sent_first", [b"", HEAD + b"X-Padding: ", HEAD + b"\r\n"], ids=["status", "head", "body"])
def test_drip(ranges: Ranges, sent_first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte at a time is not waited for; and the connection is cut, so it keeps no thread."""
    dripping, hung_up = threading.Event(), threading.Event()

    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(sent_first)
        connection.settimeout(0.02)
        for _count in range(500):
            try:
                connection.sendall(b"A")
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                dripping.set()
            except OSError:
                break
        else:
            return
        hung_up.set()

    ranges.behave = drip
    monkeypatch.setattr(breached_passwords, "LIMIT", 1)  # second, for a busy machine to have dripped in

    assert not is_breached(BREACHED)
    assert dripping.is_set()
    assert hung_up.wait(PATIENCE)


@pytest.mark.usefixtures("impatient", "ranges")
def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a port that is closed nor a name that nobody has keeps anybody from a password."""
    for address in ("http://127.0.0.1:9/range/", "http://nobody.invalid/range/"):
        monkeypatch.setenv("BREACHED_PASSWORDS", address)
        assert not is_breached(BREACHED)


@pytest.mark.usefixtures("impatient")
def test_a_name_that_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch, ranges: Ranges) -> None:
    """The limit holds before there is a connection, too: a resolver has time limits of its own."""
    found = threading.Event()
    with monkeypatch.context() as slow:
        slow.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(PATIENCE) and [])
        assert not is_breached(BREACHED)
        assert not found.is_set()
        found.set()

    assert ranges.requests == []


def test_breaker(ranges: Ranges, frozen: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """After some failures in a row nobody waits for a minute; then one tries, for all, until it succeeds."""
    ranges.behave = USELESS["500"]
    for _ in range(FAILURES + 2):
        is_breached(BREACHED)
    assert len(ranges.requests) == FAILURES
    assert capsys.readouterr().out.count('"reason":"resting"') == 2

    frozen.advance(REST - 1)
    is_breached(BREACHED)
    assert len(ranges.requests) == FAILURES
    frozen.advance(1)
    is_breached(BREACHED)
    is_breached(BREACHED)
    assert len(ranges.requests) == FAILURES + 1

    frozen.advance(REST)
    ranges.behave = answering
    assert is_breached(BREACHED)
    ranges.behave = USELESS["500"]
    is_breached(BREACHED)
    ranges.behave = answering
    assert is_breached(BREACHED)


def test_failures_now_and_then(ranges: Ranges) -> None:
    """Failures that are not in a row do not add up."""
    for _ in range(FAILURES):
        ranges.behave = USELESS["closed"]
        is_breached(BREACHED)
        ranges.behave = answering
        assert is_breached(BREACHED)


def test_no_exception_quotes_it(ranges: Ranges) -> None:
    """What is raised on the way, and whatever caused it, quotes neither the password nor its digest."""
    for behaviour in USELESS.values():
        ranges.behave = behaviour
        with pytest.raises(Exception) as raised:  # noqa: PT011 - any
            breached_passwords._is_in_range(ranges.address, BREACHED)
        said = ""
        fault: BaseException | None = raised.value
        while fault:
            said += repr(fault) + json.dumps(fault.args, default=repr)
            fault = fault.__cause__ or fault.__context__
        assert BREACHED not in said
        assert sha1(BREACHED)[:5] not in said
