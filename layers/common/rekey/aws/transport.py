"""How a call reaches AWS: connections are kept, a request is written at once, its answer read whole.

botocore's own session does this through urllib3, with pools, proxies and redirects that nothing here uses: more than
half of a call's CPU (docs/performance.md). Signing, retries and parsing stay botocore's; TLS is Python's.
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
from http.client import HTTPConnection, HTTPSConnection
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

from rekey.aws import answers

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
        written = _written(request, url)
        connection = self._take_idle(url) or self._open(url)
        try:
            with _named(request):
                connection.sock.sendall(written)
                answer = answers.read(connection.sock)
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
        """The one used last. A readable idle socket is closed or holds stray data."""
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
    except OSError as error:
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
