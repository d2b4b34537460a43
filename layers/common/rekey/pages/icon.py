"""The mark beside a page's name, a keyhole on a company's colour, in pixels; web/assets/icon.svg has it in lines."""

from __future__ import annotations

import struct
import zlib

SIZE = 32  # pixels a side
_FINE = 3  # samples a side of a pixel, so that edges are smooth
_CORNER = 7


def png(ground: str, mark: str) -> bytes:
    """W3C's PNG, third edition: red, green, blue and opacity, eight bits each, of colours as `#1d4ed8`."""
    colours = [bytes.fromhex(colour[1:]) for colour in (ground, mark)]
    rows = b"".join(b"\0" + b"".join(_pixel(x, y, *colours) for x in range(SIZE)) for y in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pixel(left: int, top: int, ground: bytes, mark: bytes) -> bytes:
    steps = [(step + 0.5) / _FINE for step in range(_FINE)]
    points = [(left + x, top + y) for x in steps for y in steps if _is_on_ground(left + x, top + y)]
    if not points:
        return bytes(4)
    marked = sum(_is_on_mark(x, y) for x, y in points) / len(points)
    colour = bytes(round(g + (m - g) * marked) for g, m in zip(ground, mark, strict=True))
    return colour + bytes([round(255 * len(points) / _FINE**2)])


def _is_on_ground(x: float, y: float) -> bool:
    """A square with round corners."""
    beyond_x, beyond_y = (max(_CORNER - at, at - (SIZE - _CORNER), 0) for at in (x, y))
    return beyond_x**2 + beyond_y**2 <= _CORNER**2


def _is_on_mark(x: float, y: float) -> bool:
    """A circle of radius 5, and what widens below it from 2 to 3.5 on either side."""
    in_circle = (x - 16) ** 2 + (y - 12) ** 2 <= 5**2
    return in_circle or (12 <= y <= 25 and abs(x - 16) <= 2 + 1.5 * (y - 12) / 13)  # noqa: PLR2004 - the drawing
