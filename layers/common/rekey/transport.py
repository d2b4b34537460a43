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
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import SplitResult

from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import get_cert_path

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest


class Transport:
    """What botocore calls a session of HTTP. Time limits are seconds."""

    def __init__(self, connect_timeout: float, read_timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._idle: defaultdict[str, list[HTTPConnection]] = defaultdict(list)  # by host; threads take and give back

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Raises what botocore's session raises, so that botocore knows what may be tried again."""
        url = urllib.parse.urlsplit(request.url)
        connection = self._take_idle(url) or self._open(url)
        try:
            with _named(request):
                connection.sock.sendall(_written(request, url))
                response, content = _read_answer(connection.sock, request)
        except BaseException:
            connection.close()  # or the late answer to this request would be read as the answer to the next
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle[url.netloc].append(connection)
        return AWSResponse(request.url, response.status, cast("Any", dict(response.getheaders())), _Content(content))

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
        connection = _connection(url, self._connect_timeout)
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


class _Content:
    """An answer's body, in the form in which AWSResponse asks for it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> tuple[bytes]:
        return (self._content,)


def _is_readable(sock: socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _connection(url: SplitResult, timeout: float) -> HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return HTTPSConnection(host, url.port, timeout=timeout, context=_tls())
    return HTTPConnection(host, url.port, timeout)


def _read_answer(sock: socket, request: AWSPreparedRequest) -> tuple[HTTPResponse, bytes]:
    with HTTPResponse(sock, method=request.method) as response:
        response.begin()
        if response.headers.defects:  # else a head that breaks off would pass for one without a length
            raise HTTPException("not a whole head")
        return response, response.read()


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
    except (OSError, HTTPException) as error:
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
