"""An account as a person reads it. What others wrote (a program's name, a reason) is text, never markup."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from rekey_admin.terminal import Terminal, plain

_SHOWN = 10  # sessions


def show_account(found: dict[str, Any], terminal: Terminal) -> None:
    sessions, events = found["sessions"], found["events"]
    terminal.show(
        found,
        _facts(found),
        *([_sessions(sessions)] if sessions else []),
        *([_events(events)] if events else []),
    )


def _facts(found: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, fact in _told(found).items():
        table.add_row(Text(name, style="bold"), plain(fact))
    return table


def _told(found: dict[str, Any]) -> dict[str, str]:
    """Each text of the answer under its own name, so that none is forgotten; what has parts, in words."""
    totp, delivery = found.get("totp"), found.get("delivery")
    facts = {
        **{name.replace("_", " ").capitalize(): text for name, text in found.items() if isinstance(text, str)},
        "State": "; ".join(
            [found["state"], *(f"{lock['what']} locked until {lock['until']}" for lock in found["locks"])]
        ),
        "Two-factor": totp and (f"on, {totp['recovery_codes_left']} recovery codes left" if totp["enabled"] else "off"),
        "Mail": delivery and " ".join(filter(None, (delivery["state"], delivery["at"], delivery.get("detail")))),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _sessions(sessions: list[dict[str, Any]]) -> Table:
    more = f" (the newest {_SHOWN} of {len(sessions)})" if len(sessions) > _SHOWN else ""
    table = _table(f"Sessions{more}", "since", "last refreshed", "ends", "how", "program", whole=3)
    for session in sessions[:_SHOWN]:
        times = (_minute(session[name]) for name in ("created_at", "refreshed_at", "expires_at"))
        table.add_row(*times, plain(session["method"]), plain(session["client"]))
    return table


def _events(events: list[dict[str, Any]]) -> Table:
    names, columns = ["type", "client_address", "client"], ["when", "what", "network", "program"]
    if any(event.get("admin") for event in events):  # a narrow terminal has no room for what is empty
        names, columns = [*names, "admin", "reason"], [*columns, "admin", "reason"]
    table = _table("Events", *columns, whole=3)
    for event in events:
        told = {**event, "admin": (event.get("admin") or "").rpartition(":")[2]}  # --json has the whole ARN
        table.add_row(_minute(event["at"]), *(plain(told.get(name) or "") for name in names))
    return table


def _minute(iso: str) -> Text:
    return Text(iso[:16].replace("T", " "))


def _table(title: str, *columns: str, whole: int) -> Table:
    """The first columns stay whole where a terminal is narrow; the others are folded."""
    table = Table(title=f"{title}, in UTC", title_justify="left", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place < whole)
    return table
