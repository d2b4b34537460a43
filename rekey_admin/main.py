"""The command line: options that all commands share, and the commands, a module a group of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata

from botocore.exceptions import BotoCoreError, ClientError

from rekey_admin import accounts, dead_letters, exports, imports
from rekey_admin.errors import CommandError
from rekey_admin.target import Target
from rekey_admin.terminal import Terminal

AddCommand = Callable[..., argparse.ArgumentParser]
"""`add_command("find", help="…")`: makes a command's parser; its default `run` takes `(options, target, terminal)`."""

COMMANDS: tuple[Callable[[AddCommand], None], ...] = (
    accounts.add_to,
    imports.add_to,
    exports.add_to,
    dead_letters.add_to,
)
"""What adds each group's commands. To add a group is to write a module and name its `add_to` here."""

INTERRUPTED = 130  # as shells have it: 128 and the signal's number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: refused or failed; 2: wrong usage."""
    options = _parser().parse_args(arguments)
    terminal = Terminal(as_json=options.json, yes=options.yes)
    try:
        options.run(options, Target(options), terminal)
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
    parser = argparse.ArgumentParser("rekey-admin", description=told, parents=[_shared()])
    parser.set_defaults(local=False, stack=None, api=None, profile=None, region=None, json=False, yes=False)
    parser.add_argument("--version", action="version", version=f"%(prog)s {metadata.version('rekey')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add_to in COMMANDS:
        add_to(partial(commands.add_parser, parents=[_shared()]))
    return parser


def _shared() -> argparse.ArgumentParser:
    """Taken before the command and after it: none has a default of its own, which would undo the other's."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    where = shared.add_argument_group("where (one of the first three)")
    where.add_argument("--local", action="store_true", help="the instance of `make run` (PORT, or 3000)")
    where.add_argument("--stack", metavar="NAME", help="the CloudFormation stack")
    where.add_argument("--api", metavar="URL", help="where the routes are, such as a custom domain")
    where.add_argument("--profile", help="the AWS profile; else the environment's credentials")
    where.add_argument("--region", help="the AWS region; else the profile's")
    how = shared.add_argument_group("how")
    how.add_argument("--json", action="store_true", help="print JSON instead of tables")
    how.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    return shared
