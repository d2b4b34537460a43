"""The same change to many accounts, one after the other: a refusal of one does not stop the others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from rekey_admin.api import RefusedError
from rekey_admin.errors import CommandError, UsageError
from rekey_admin.terminal import Terminal

STANDARD_INPUT = "-"


def named(accounts: list[str], source: str | None) -> list[str]:
    """The accounts of the command line and of a file, each once. Raises UsageError where there is none."""
    lines = _read(source).splitlines() if source is not None else []
    found = list(dict.fromkeys(name for line in [*accounts, *lines] if (name := line.strip())))
    if not found:
        raise UsageError("Which accounts? Give addresses or ids, or --from FILE.")
    return found


def _read(source: str) -> str:
    """Raises UsageError."""
    try:
        return sys.stdin.read() if source == STANDARD_INPUT else Path(source).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{source}: {error}") from None


class Work:
    """One run. Whatever is no refusal (no permission, no network) stops it: it would meet every other account, too."""

    def __init__(self, name: str, accounts: list[str], change: Callable[[str], None]) -> None:
        self.done = 0
        self.refused: list[dict[str, str]] = []
        self._name = name
        self._accounts = accounts
        self._change = change

    def run(self, terminal: Terminal) -> None:
        """Says how far it has got where it is stopped: what is done stays done, and may be done again."""
        with terminal.progress() as progress:
            try:
                for account in progress.track(self._accounts, description=self._name):
                    self._try(account)
            except BaseException:
                terminal.note(f"Stopped: {self.done:,} of {len(self._accounts):,} accounts are done.")
                raise
            finally:
                for each in self.refused:
                    terminal.note(f"{each['account']}: {each['told']}")

    def _try(self, account: str) -> None:
        try:
            self._change(account)
        except RefusedError as refusal:
            self.refused.append({"account": account, "code": refusal.code, "told": str(refusal)})
        else:
            self.done += 1

    def require_none_refused(self) -> None:
        """Raises CommandError."""
        if self.refused:
            raise CommandError(f"{len(self.refused):,} of {len(self._accounts):,} accounts were refused.")
