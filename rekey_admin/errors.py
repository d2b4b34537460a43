"""Why a command ends early: one line for whoever called it, and the exit status."""


class CommandError(Exception):
    """It was refused, or failed."""

    status = 1


class UsageError(CommandError):
    """It was called in a way that cannot be meant."""

    status = 2
