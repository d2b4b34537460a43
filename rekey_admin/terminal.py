"""What a person sees and is asked. Answers go to standard output, all else to standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import Progress
from rich.prompt import Confirm, Prompt
from rich.text import Text

from rekey_admin.errors import CommandError, UsageError


def plain(text: str) -> Text:
    """Text as it is, never markup; what does not print is escaped, for others wrote some of it.

    A control sequence in a program's name could hide a line of the terminal, or write another in its place.
    """
    return Text("".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text))


class Terminal:
    """Made once a run: the consoles are those that standard output and error are then."""

    def __init__(self, *, as_json: bool, yes: bool) -> None:
        self._as_json = as_json
        self._yes = yes
        self._out = Console()
        self._err = Console(stderr=True)

    def show(self, answer: Any, *views: RenderableType) -> None:
        """An answer: as JSON where that was asked for, else as its views. A text's line stays one, to be copied."""
        if self._as_json:
            print(json.dumps(answer, indent=2))
            return
        for view in views:
            if isinstance(view, str):
                self._out.print(plain(view), soft_wrap=True)
            else:
                self._out.print(view)

    def note(self, text: str) -> None:
        """What happens meanwhile: a line stays one, for programs that read it."""
        self._err.print(plain(text), soft_wrap=True)

    def complain(self, text: str) -> None:
        self._err.print(plain(f"rekey-admin: {text}"), style="red", soft_wrap=True)

    def confirm(self, question: str) -> None:
        """Raises CommandError for a no, UsageError where nobody can be asked."""
        if self._yes:
            return
        if not sys.stdin.isatty():
            raise UsageError("Nobody is here to confirm this: give --yes.")
        if not Confirm.ask(plain(question), console=self._err, default=False):
            raise CommandError("Nothing was done.")

    def ask(self, question: str, option: str) -> str:
        """Raises UsageError where nobody can be asked."""
        if not sys.stdin.isatty():
            raise UsageError(f"Give {option}.")
        return Prompt.ask(plain(question), console=self._err).strip()

    def progress(self) -> Progress:
        """A bar, for as long as it is entered; nothing where standard error is no terminal."""
        return Progress(console=self._err, transient=True, disable=not self._err.is_terminal)
