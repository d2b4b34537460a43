"""`client …`: the applications that people may sign in to."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from rich.table import Table

from rekey_admin import api, options
from rekey_admin.accounts import ask_reason, take_reason
from rekey_admin.errors import UsageError
from rekey_admin.target import Target
from rekey_admin.terminal import Terminal, plain

AddCommand = Callable[..., argparse.ArgumentParser]
_KINDS = ("spa", "native", "web", "service")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# What is registered, as it is shown: its name in an answer, and the words for it.
_SHOWN = {
    "client_id": "id",
    "name": "name",
    "type": "type",
    "redirect_uris": "sent to after sign-in",
    "post_logout_redirect_uris": "sent to after sign-out",
    "scopes": "scopes",
    "audiences": "audiences",
    "first_party": "first party",
    "pkce": "PKCE",
    "access_tokens": "access tokens",
    "created_at": "registered",
    "old_secret_until": "old secret until",
}


def add_to(add_command: AddCommand) -> None:
    parser = add_command("client", help="register the applications that people sign in to, and look after them")
    acts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_act = partial(acts.add_parser, parents=[options.shared()])
    added = add_act("add", help="register an application; one on a server gets a secret, shown once")
    _take_client(added, add)
    added.add_argument("--type", required=True, choices=_KINDS, help="what kind of program it is")
    added.add_argument("--name", required=True, help="what people are shown")
    _take_registered(added)
    _take_client(add_act("show", help="show what is registered"), show)
    changed = add_act("set", help="change what is registered; what you leave out stays")
    _take_client(changed, change)
    changed.add_argument("--name", help="what people are shown")
    _take_registered(changed)
    rotated = add_act("rotate-secret", help="replace the secret; the new one is shown once")
    _take_client(rotated, rotate)
    rotated.add_argument(
        "--keep-old-for",
        type=_seconds,
        default=86400,
        metavar="TIME",
        help="such as 90s, 30m, 24h, 7d (24h); after a leak, 0s",
    )
    _take_client(add_act("remove", help="remove an application; nobody can sign in to it any more"), remove)
    for each in (added, changed, rotated, acts.choices["remove"]):
        take_reason(each)
    add_act("list", help="list the applications").set_defaults(run=list_all)


def _take_client(parser: argparse.ArgumentParser, run: Callable[..., None]) -> None:
    parser.add_argument("client", help="its id: small letters, digits and hyphens")
    parser.set_defaults(run=run)


def _take_registered(parser: argparse.ArgumentParser) -> None:
    several = partial(parser.add_argument, action="append")
    several("--redirect-uri", dest="redirect_uris", metavar="URI", help="where people are sent after sign-in; repeat")
    several("--logout-uri", dest="post_logout_redirect_uris", metavar="URI", help="and after sign-out; repeat")
    several("--scope", dest="scopes", metavar="SCOPE", help="a scope that it may ask for; repeat")
    several("--audience", dest="audiences", metavar="AUDIENCE", help="an API that takes its access tokens; repeat")
    parser.add_argument(
        "--first-party", action=argparse.BooleanOptionalAction, help="your own: people are not asked for consent"
    )
    parser.add_argument("--pkce", choices=("required", "optional"), help="optional only for `web`")
    parser.add_argument("--access-tokens", choices=("opaque", "jwt"), help="`jwt` for the gateway's own authorizer")


def _seconds(text: str) -> int:
    """Raises ValueError, of which argparse makes wrong usage."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise ValueError
    return int(found[1]) * _UNITS[found[2]]


def add(given: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    body = {"name": given.name, "type": given.type, **_registered(given)}
    answer = _call("add", given, target, **body, reason=ask_reason(given, terminal))
    _show_secret(answer, f"Registered: {given.client}.", terminal)


def list_all(_: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    answer = api.call(target, "clients/list", {})
    table = Table("id", "name", "type", "access tokens", "first party", box=None)
    for each in answer["clients"]:
        table.add_row(
            each["client_id"],
            plain(each["name"]),
            each["type"],
            each["access_tokens"],
            "yes" if each["first_party"] else "no",
        )
    terminal.show(answer, table)


def show(given: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    _show(_call("show", given, target), terminal)


def change(given: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    body = _registered(given) | ({"name": given.name} if given.name is not None else {})
    if not body:
        raise UsageError("Nothing to change: give an option such as --name.")
    _show(_call("set", given, target, **body, reason=ask_reason(given, terminal)), terminal)


def rotate(given: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    terminal.confirm(f"Replace the secret of {given.client}?")
    overlap, reason = given.keep_old_for, ask_reason(given, terminal)
    answer = _call("rotate-secret", given, target, keep_old_for=overlap, reason=reason)
    _show_secret(answer, f"The secret of {given.client} was replaced.", terminal)


def remove(given: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    terminal.confirm(f"Remove {given.client}? Nobody can sign in to it any more.")
    reason = ask_reason(given, terminal)
    _call("remove", given, target, confirm=True, reason=reason)
    terminal.show({"done": "remove", "client_id": given.client, "reason": reason}, f"Removed: {given.client}.")


def _call(act: str, given: argparse.Namespace, target: Target, **body: Any) -> Any:
    return api.call(target, f"clients/{act}", {"client_id": given.client, **body})


def _registered(given: argparse.Namespace) -> dict[str, Any]:
    """What was said of the application. Of what may be given several times, one empty text stands for none."""
    lists = ("redirect_uris", "post_logout_redirect_uris", "scopes", "audiences")
    told = {name: getattr(given, name) for name in (*lists, "first_party", "pkce", "access_tokens")}
    return {name: [] if value == [""] else value for name, value in told.items() if value is not None}


def _show(client: dict[str, Any], terminal: Terminal) -> None:
    table = Table(box=None, show_header=False)
    for name, words in _SHOWN.items():
        value = client[name]
        if value not in ([], None):
            told = "\n".join(value) if isinstance(value, list) else {True: "yes", False: "no"}.get(value, value)
            table.add_row(words, plain(told))
    terminal.show(client, table)


def _show_secret(answer: dict[str, Any], done: str, terminal: Terminal) -> None:
    secret = answer["client_secret"]
    views = (done, f"Its secret, which is shown only now: {secret}") if secret else (done,)
    terminal.show(answer, *views)
