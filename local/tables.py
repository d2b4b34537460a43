"""Tables that `make documents` draws into pages that are otherwise written by hand, between two markers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

BEGIN, END = "<!-- `make documents` writes this table. -->\n", "<!-- End of the table. -->\n"


class NoTableError(Exception):
    """A page has lost its markers."""


def redrawn(page: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """The page with its table as it is now. Raises NoTableError."""
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoTableError(f"{page}: the lines {BEGIN!r} and {END!r} mark where its table goes")
    lines = [columns, ("---",) * len(columns), *rows]
    return before + begin + "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + end + after
