"""`find`, and what an admin does to accounts: each says whom it is about, and asks before it acts."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from rekey_admin import api, many
from rekey_admin.report import show_account
from rekey_admin.target import Target
from rekey_admin.terminal import Terminal

ACCOUNT_ID = re.compile(r"[0-9a-f]{28}")


class Act(NamedTuple):
    """A change: its route and command, what it does, what is asked before and told after; `{who}` is the address, or
    how many accounts.
    """

    name: str
    help: str
    question: str
    done: str


ACTS = (
    Act(
        "reset-password",
        "send the owner a link to set a new password",
        "Send {who} a link to set a new password?",
        "A link was sent to {who}.",
    ),
    Act(
        "mail-again",
        "send emails again to an address where they bounced or were marked as spam",
        "Send emails to {who} again?",
        "Emails go to {who} again.",
    ),
    Act(
        "force-sign-in",
        "end all sessions and tokens",
        "Sign {who} out everywhere?",
        "Signed out everywhere: {who}.",
    ),
    Act(
        "clear-totp",
        "turn off two-factor sign-in for someone who lost the second factor",
        "Turn two-factor sign-in off for {who}, and sign them out everywhere?",
        "Two-factor sign-in is off for {who}.",
    ),
    Act("unlock", "clear the failed attempts that locked the account", "Unlock {who}?", "Unlocked: {who}."),
    Act(
        "disable",
        "end all sessions, and refuse sign-in until the account is enabled",
        "Disable {who}, and sign them out everywhere?",
        "Disabled: {who}.",
    ),
    Act("enable", "let a disabled account sign in again", "Enable {who}?", "Enabled: {who}."),
)
_PAGE = 25  # events
_CONFIRMED = {"force-sign-in"}  # what the API, too, wants confirmed

AddCommand = Callable[..., argparse.ArgumentParser]


def add_to(add_command: AddCommand) -> None:
    found = add_command("find", help="show an account, or an address that has requested one")
    found.add_argument("account", help="the address, or the account's id")
    found.add_argument("--events", type=_count, default=_PAGE, metavar="N", help="so many of its events (%(default)s)")
    found.set_defaults(run=find)
    for act in ACTS:
        parser = add_command(act.name, help=act.help)
        parser.set_defaults(run=partial(change, act))
        parser.add_argument("accounts", nargs="*", metavar="account", help="the address, or the account's id")
        parser.add_argument("--from", dest="source", metavar="FILE", help="accounts, one a line; - for standard input")
        take_reason(parser)
    parser = add_command("delete", help="delete the account and all its rows")
    parser.set_defaults(run=delete)
    parser.add_argument("account", help="the address, or the account's id")
    take_reason(parser)


def _count(text: str) -> int:
    """Raises ValueError, of which argparse makes wrong usage."""
    if int(text) < 1:
        raise ValueError
    return int(text)


def take_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", help="why, for the record; asked for if it is not given")


def find(options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    found = _find(options.account, target)
    while found.get("events_next") and len(found["events"]) < options.events:
        earlier = api.call(target, "find", {**_by(options.account), "events_before": found["events_next"]})
        events = sorted(found["events"] + earlier["events"], key=itemgetter("event_id"), reverse=True)
        found |= {"events": events, "events_next": earlier["events_next"]}
    show_account(found, terminal)


def change(act: Act, options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    named = many.named(options.accounts, options.source)
    if options.source is None and len(named) == 1:
        _change_one(act, named[0], options, target, terminal)
        return
    who = f"{len(named):,} accounts"
    terminal.confirm(act.question.format(who=who))
    reason = ask_reason(options, terminal)
    work = many.Work(act.name, named, partial(_call, act, target, reason))
    work.run(terminal)
    told = {"done": act.name, "reason": reason, "accounts": work.done, "refused": work.refused}
    terminal.show(told, act.done.format(who=f"{work.done:,} of {who}"))
    work.require_none_refused()


def _change_one(act: Act, account: str, options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    found = _find(account, target)
    account_id = _id_of(found)
    terminal.confirm(act.question.format(who=found["email"]))
    reason = ask_reason(options, terminal)
    _call(act, target, reason, account_id)
    told = {"done": act.name, "account_id": account_id, "reason": reason}
    terminal.show(told, act.done.format(who=found["email"]))


def _call(act: Act, target: Target, reason: str, account: str) -> None:
    body = {**_by(account), "reason": reason}
    api.call(target, act.name, {**body, "confirm": True} if act.name in _CONFIRMED else body)


def delete(options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    """By the account's id throughout: the address may be somebody's again before all rows are gone."""
    found = _find(options.account, target)
    account_id = _id_of(found)
    terminal.confirm(f"Delete {found['email']} ({account_id}) for good?")
    body = {"account_id": account_id, "reason": ask_reason(options, terminal), "confirm": True}
    rows = 0
    with terminal.progress() as progress:
        task = progress.add_task(f"Deleting {account_id}", total=None)
        while True:
            answer = api.call(target, "delete", body)
            rows += answer["rows"]
            progress.update(task, description=f"Deleting {account_id}: {rows} rows", advance=answer["rows"])
            if answer["finished"]:
                break
    terminal.show({"done": "delete", **body, "rows": rows}, f"{found['email']} is deleted, and {rows} rows with it.")


def _by(account: str) -> dict[str, str]:
    return {"account_id" if ACCOUNT_ID.fullmatch(account) else "email": account}


def _find(account: str, target: Target) -> dict[str, Any]:
    found: dict[str, Any] = api.call(target, "find", _by(account))
    return found


def _id_of(found: dict[str, Any]) -> str:
    """Raises RefusedError for an address without an account."""
    if not found.get("account_id"):
        raise api.RefusedError("account_not_found", f"{found['email']} has no account.")
    return str(found["account_id"])


def ask_reason(options: argparse.Namespace, terminal: Terminal) -> str:
    return options.reason or terminal.ask("Why (for the record)?", "--reason")
