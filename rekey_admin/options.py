"""Options that all commands share."""

from __future__ import annotations

import argparse


def shared() -> argparse.ArgumentParser:
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
