"""The command line: options that all commands share, and the commands, a module a group of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata

from botocore.exceptions import BotoCoreError, ClientError

from rekey_admin import accounts, clients, dead_letters, exports, imports, options, signing_keys
from rekey_admin.errors import CommandError
from rekey_admin.target import Target
from rekey_admin.terminal import Terminal

AddCommand = Callable[..., argparse.ArgumentParser]
"""`add_command("find", help="…")`: makes a command's parser; its default `run` takes `(options, target, terminal)`."""

COMMANDS: tuple[Callable[[AddCommand], None], ...] = (
    accounts.add_to,
    clients.add_to,
    signing_keys.add_to,
    imports.add_to,
    exports.add_to,
    dead_letters.add_to,
)
"""What adds each group's commands. To add a group is to write a module and name its `add_to` here."""

INTERRUPTED = 130  # as shells have it: 128 and the signal's number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: refused or failed; 2: wrong usage."""
    given = _parser().parse_args(arguments)
    terminal = Terminal(as_json=given.json, yes=given.yes)
    try:
        given.run(given, Target(given), terminal)
    except CommandError as error:
        terminal.complain(str(error))
        return error.status
    except (BotoCoreError, ClientError, OSError) as error:  # no credentials, profile, stack, network, file, space
        terminal.complain(str(error))
        return CommandError.status
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    told = "Look after the accounts of a Rekey stack. Exit status: 0 done, 1 refused or failed, 2 wrong usage."
    parser = argparse.ArgumentParser("rekey-admin", description=told, parents=[options.shared()])
    parser.set_defaults(local=False, stack=None, api=None, profile=None, region=None, json=False, yes=False)
    parser.add_argument("--version", action="version", version=f"%(prog)s {metadata.version('rekey')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add_to in COMMANDS:
        add_to(partial(commands.add_parser, parents=[options.shared()]))
    return parser
