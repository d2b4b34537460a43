"""How a call reaches AWS: connections are kept, a request is written at once, its answer read whole.

botocore's own session does this through urllib3, with pools, proxies and redirects that nothing here uses: more than
half of a call's CPU (docs/performance.md). Signing, retries and parsing stay botocore's; TLS and HTTP are Python's.
"""

from __future__ import annotations

import os
import select
import ssl
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from socket import socket
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import SplitResult

import msgspec
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import get_cert_path
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest


_AT_ONCE, _LONGEST_HEAD = 65536, 65536  # bytes


class Transport:
    """What botocore calls a session of HTTP. Time limits are seconds."""

    def __init__(self, connect_timeout: float, read_timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: defaultdict[str, list[HTTPConnection]] = defaultdict(list)  # by host; threads take and give back

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Raises what botocore's session raises, so that botocore knows what may be tried again."""
        url = urllib.parse.urlsplit(request.url)
        written = _written(request, url)
        connection = self._take_idle(url) or self._open(url)
        try:
            with _named(request):
                connection.sock.sendall(written)
                answer = _Reader().read(connection.sock)
        except BaseException:
            connection.close()  # and never kept: the late answer would be read as the answer to the next request
            raise
        if answer.ends_connection:
            connection.close()
        else:
            self._idle[url.netloc].append(connection)
        return AWSResponse(request.url, answer.status, cast("Any", answer.headers), answer)

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            for connection in self._idle.popitem()[1]:
                connection.close()

    def _take_idle(self, url: SplitResult) -> HTTPConnection | None:
        """The one used last. What can be read before a request was sent is an end, or no answer of ours."""
        while True:
            try:
                connection = self._idle[url.netloc].pop()
            except IndexError:
                return None
            if not _is_readable(connection.sock):
                return connection
            connection.close()

    def _open(self, url: SplitResult) -> HTTPConnection:
        connection = connection_to(url, self._connect_timeout)
        try:
            connection.connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=url.geturl(), error=error) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=url.geturl(), error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=url.geturl(), error=error) from error
        connection.sock.settimeout(self._read_timeout)
        return connection


class _Answer(msgspec.Struct):
    """What came back; names of headers are in lower case. `stream` is how AWSResponse asks for the content."""

    status: int
    headers: dict[str, str]
    content: bytes
    ends_connection: bool

    def stream(self) -> tuple[bytes]:
        return (self.content,)


class _Reader:
    """Puts one answer together from what llhttp tells of it, by the methods `on_…` (RFC 9112)."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._answer: _Answer | None = None
        self._status = 0  # until the head is whole
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def read(self, sock: socket) -> _Answer:
        """Raises OSError where it breaks off, HttpParserError for what is no answer of HTTP."""
        received = 0
        while not self._answer:
            data = sock.recv(_AT_ONCE)
            received += len(data)
            if data:
                self._feed(data)
            elif self._lasts_to_the_end():
                self.on_message_complete()
            else:
                raise ConnectionError("broken off")
            if received > _LONGEST_HEAD and not self._status:
                raise ConnectionError("a head without an end")
        return self._answer

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            if not self._answer:
                raise
            self._answer.ends_connection = True  # what follows the answer is nobody's

    def _lasts_to_the_end(self) -> bool:
        """Of what has no other end, httptools cannot be told that it has come."""
        return bool(self._status) and not {"content-length", "transfer-encoding"} & self._headers.keys()

    def on_message_begin(self) -> None:
        if self._answer:
            raise ValueError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        if self._status < HTTPStatus.OK:  # the answer is still to come
            self._status = 0
            self._headers.clear()
            return
        ends_connection = not self._parser.should_keep_alive()
        self._answer = _Answer(self._status, self._headers, b"".join(self._body), ends_connection)


def _is_readable(sock: socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def connection_to(url: SplitResult, timeout: float) -> HTTPConnection:
    """Not connected yet. Over HTTPS, it verifies who answers."""
    host = url.hostname or ""
    if url.scheme == "https":
        return HTTPSConnection(host, url.port, timeout=timeout, context=_tls())
    return HTTPConnection(host, url.port, timeout)


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are verified, and host names, against the authorities that botocore trusts, or AWS_CA_BUNDLE."""
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or get_cert_path(verify=True))


@contextmanager
def _named(request: AWSPreparedRequest) -> Iterator[None]:
    """The names that botocore has for what goes wrong on a connection."""
    try:
        yield
    except TimeoutError as error:
        raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
    except (OSError, HttpParserError, HttpParserUpgrade) as error:
        raise ConnectionClosedError(endpoint_url=request.url, request=request, error=error) from error


def _written(request: AWSPreparedRequest, url: SplitResult) -> bytes:
    """Head and body in one piece: as two they are two packets, and two calls of the kernel."""
    target = urllib.parse.urlunsplit(("", "", url.path or "/", url.query, ""))
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {url.netloc}"]
    for name, value in request.headers.items():
        lines.append(f"{name}: {value.decode() if isinstance(value, bytes) else value}")
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a header of more than one line")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + cast("bytes", request.body or b"")
