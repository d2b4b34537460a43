"""An answer of HTTP/1.1, read whole off its connection. llhttp parses it, by httptools (docs/decisions/0016)."""

from __future__ import annotations

from http import HTTPStatus
from socket import socket

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

_AT_ONCE, _LONGEST_HEAD = 65536, 65536  # bytes


class Answer(msgspec.Struct):
    """What came back; names of headers are in lower case. `stream` is how AWSResponse asks for the content."""

    status: int
    headers: dict[str, str]
    content: bytes
    ends_connection: bool

    def stream(self) -> tuple[bytes]:
        return (self.content,)


def read(sock: socket) -> Answer:
    """Raises ConnectionError for what breaks off or is no answer, OSError for what else the connection meets."""
    reader, received = _Reader(), 0
    while not reader.answer:
        data = sock.recv(_AT_ONCE)
        received += len(data)
        if data:
            reader.feed(data)
        else:
            reader.end()
        if received > _LONGEST_HEAD and not reader.status:
            raise ConnectionError("a head without an end")
    return reader.answer


class _Reader:
    """Puts an answer together from what llhttp tells of it, by the methods `on_…`."""

    def __init__(self) -> None:
        self.answer: Answer | None = None  # until it is whole
        self.status = 0  # until its head is
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._parser = HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Raises ConnectionError."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if not self.answer:
                raise ConnectionError("no answer of HTTP") from error
            self.answer.ends_connection = True  # what follows an answer is nobody's

    def end(self) -> None:
        """The connection has ended, and so has what told no length: httptools cannot know. Raises ConnectionError."""
        if not self.status or {"content-length", "transfer-encoding"} & self._headers.keys():
            raise ConnectionError("broken off")
        self.on_message_complete()

    def on_message_begin(self) -> None:
        if self.answer:
            raise ValueError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        if self.status < HTTPStatus.OK:  # the answer is still to come
            self.status = 0
            self._headers.clear()
            return
        ends_connection = not self._parser.should_keep_alive()
        self.answer = Answer(self.status, self._headers, b"".join(self._body), ends_connection)
