"""`rekey-admin rotate-signing-key`: the keys that sign for applications are shown, turned, or ended after a leak."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from rich.table import Column, Table

from rekey_admin import api
from rekey_admin.accounts import ask_reason, take_reason
from rekey_admin.errors import UsageError
from rekey_admin.target import Target
from rekey_admin.terminal import Terminal

AddCommand = Callable[..., argparse.ArgumentParser]


def add_to(add_command: AddCommand) -> None:
    told = "turn the keys that sign for applications; the new one signs two hours and a quarter later"
    parser = add_command("rotate-signing-key", help=told, description=told)
    parser.add_argument("--list", action="store_true", help="only show the keys and where they are in their turn")
    parser.add_argument("--leaked", metavar="KID", help="end this key at once; --list shows its id")
    take_reason(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    if options.list:
        if options.leaked:
            raise UsageError("Give --list or --leaked, not both.")
        _show(api.call(target, "signing-keys/list", {}), terminal)
        return
    terminal.confirm(
        f"End the key {options.leaked} at once? What it signed is refused."
        if options.leaked
        else "Make a new key, which signs two hours and a quarter from now?"
    )
    body = {"reason": ask_reason(options, terminal), "confirm": True}
    leaked = {"leaked": options.leaked} if options.leaked else {}
    _show(api.call(target, "signing-keys/rotate", {**body, **leaked}), terminal)


def _show(answer: dict[str, Any], terminal: Terminal) -> None:
    times = [Column(name, overflow="fold") for name in ("signs from", "published until")]  # whole, on any terminal
    table = Table(Column("id", no_wrap=True), "state", *times, box=None)
    for key in answer["signing_keys"]:
        table.add_row(key["kid"], key["state"], key["signs_from"] or "", key["published_until"] or "")
    terminal.show(answer, table)
