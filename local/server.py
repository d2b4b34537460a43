"""An HTTP server for one's own machine: a thread a connection, and nothing a client sends ends it."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from rekey import observability

LARGEST_BODY = 10 * 1024 * 1024  # bytes: API Gateway's quota
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Received:
    """A request as it came: names of headers in lower case, the path still percent-encoded."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    peer: str

    def header(self, name: str) -> str:
        """All values of a header, joined by commas as API Gateway does; empty where there is none."""
        return ",".join(value for each, value in self.headers if each == name)


@dataclass
class Sent:
    """An answer."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


Answering = Callable[[Received], Sent]


def message(status: HTTPStatus, text: str | None = None) -> Sent:
    """An answer of API Gateway's own."""
    return Sent(status, [("Content-Type", "application/json")], b'{"message":"%s"}' % (text or status.phrase).encode())


class Server(socketserver.ThreadingTCPServer):
    """Listens from the moment it is made, answers from `start` to `stop` by what `answering` is then."""

    allow_reuse_address = True
    request_queue_size = 128

    answering: Answering

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), _Handler)
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self.serve_forever, args=(0.1,), name=f"server {self.port}")

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._accepting.start()

    def stop(self) -> None:
        """Requests under way are answered; connections that only wait are ended."""
        if self._accepting.is_alive():
            self.shutdown()
        for connection in list(self._open):
            _end_reading(connection)
        self.server_close()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        self._open.add(connection)
        return connection, peer

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - its name and arguments are socketserver's
        """A client that went away is no news."""
        fault = sys.exc_info()[1]
        if fault and not isinstance(fault, ConnectionError | TimeoutError):
            observability.log_fault(fault)


def _end_reading(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # the client ended it just now


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # else a refused request line is answered without a status, as in 1991
    wbufsize = -1  # one write an answer
    disable_nagle_algorithm = True
    timeout = 60
    server: Server

    def _answer(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif int(length) > LARGEST_BODY:
            self._skip(int(length))
            self._send(message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request Entity Too Large"))
        else:
            self._send(self._ask(self.rfile.read(int(length))))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - http.server's names

    def _ask(self, body: bytes) -> Sent:
        path, _, query = self.path.partition("?")
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        received = Received(self.command, path, query, headers, body, self.client_address[0])
        try:
            return self.server.answering(received)
        except Exception as fault:  # noqa: BLE001 - whatever it was, the server goes on
            observability.log_fault(fault)
            return message(HTTPStatus.INTERNAL_SERVER_ERROR)

    def _skip(self, length: int) -> None:
        """Take in what is refused: a client that still writes would not read the answer."""
        while length > 0 and (chunk := self.rfile.read(min(length, _CHUNK))):
            length -= len(chunk)

    def _send(self, sent: Sent) -> None:
        self.send_response_only(sent.status)
        for name, value in sent.headers:
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if sent.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(sent.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent.body)

    def handle_expect_100(self) -> bool:
        """Out at once: the client waits for it."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def send_error(self, code: int, *_: str | None) -> None:
        """What http.server itself refuses, and what cannot be read on from here."""
        self.close_connection = True
        self._send(message(HTTPStatus(code)))

    def log_message(self, *_: Any) -> None:
        """The gateway prints its own lines."""
