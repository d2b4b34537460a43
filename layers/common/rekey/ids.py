"""Identifiers: unique and in order of time, but no secret."""

import secrets
import time


def new_id() -> str:
    """48 bits of milliseconds and 64 random bits, in hex: they sort as they were made (compare RFC 9562 §5.7)."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"
