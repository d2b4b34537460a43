"""Ports of this machine."""

import socket
import time

_START = 60  # seconds a program has to begin listening, on a busy machine


def wait_for(port: int) -> None:
    """Until a program listens on the port."""
    end = time.monotonic() + _START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "nothing listens"
            time.sleep(0.02)
        else:
            return
