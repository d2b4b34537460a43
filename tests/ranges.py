"""A server of loopback that speaks Have I Been Pwned's range protocol, or does what it should not."""

from __future__ import annotations

import hashlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from rekey.credentials import breached_passwords

PATIENCE = 60  # seconds that an answer may take, on a busy machine
Behaviour = Callable[[socket.socket, bytes], object]
"""What is done with a connection whose request was read, and the range that it asks for."""


class Ranges:
    """Knows some passwords. `requests` are those it was sent, as they came."""

    def __init__(self, *breached: str) -> None:
        self.known = {sha1(password): 7 for password in breached}
        self.requests: list[str] = []
        self.behave: Behaviour = answering
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/range/"

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        with connection, suppress(OSError):  # the client hung up
            request = connection.recv(65536).decode()
            self.requests.append(request)
            self.behave(connection, self._range(request.split()[1].rpartition("/")[2]))

    def _range(self, prefix: str) -> bytes:
        """Padded to 800 lines, as the protocol is: the padding is counted 0."""
        lines = [f"{digest[5:]}:{count}" for digest, count in self.known.items() if digest.startswith(prefix)]
        lines += [f"{secrets.token_hex(18)[:35].upper()}:0" for _ in range(800 - len(lines))]
        return "\r\n".join(sorted(lines)).encode()


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def answering(connection: socket.socket, content: bytes, status: str = "200 OK") -> None:
    connection.sendall(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status.encode(), len(content), content))


@contextmanager
def serving(ranges: Ranges) -> Iterator[Ranges]:
    """A thread a connection, until the end. It is waited for: time limits have tests of their own."""
    threads: list[threading.Thread] = []
    with pytest.MonkeyPatch.context() as patched, socket.create_server(("127.0.0.1", 0)) as listening:
        patched.setattr(breached_passwords, "LIMIT", PATIENCE)
        ranges.port = listening.getsockname()[1]

        def run() -> None:
            while True:
                connection = listening.accept()[0]
                if ranges.port == 0:
                    return connection.close()
                threads.append(threading.Thread(target=ranges.serve, args=(connection,)))
                threads[-1].start()

        accepting = threading.Thread(target=run)
        accepting.start()
        address = ("127.0.0.1", ranges.port)
        try:
            yield ranges
        finally:
            ranges.port = 0
            socket.create_connection(address).close()  # the last, which ends it
            for thread in (accepting, *threads):
                thread.join()
