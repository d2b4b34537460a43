"""Identifiers: unique and in order of time, but no secret."""

import secrets
import threading
import time

_RANDOM = 64  # bits
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """48 bits of milliseconds and 64 random bits, in hex. They sort as this process made them: where one would not come
    after the last, as two of the same millisecond, it is the last and a little more (RFC 9562 §6.2, method 2).
    """
    global _last  # noqa: PLW0603 - the last one made, by whatever thread
    made = time.time_ns() // 1_000_000 << _RANDOM | secrets.randbits(_RANDOM)
    with _lock:
        if made <= _last:
            made = _last + 1 + secrets.randbits(_RANDOM // 2)
        _last = made
    return f"{made:028x}"
