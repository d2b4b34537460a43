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
        *([f"There are earlier events: give --events {2 * len(events)}."] if found.get("events_next") else []),
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
        **{
            name.replace("_", " ").capitalize(): text
            for name, text in found.items()
            if isinstance(text, str) and name != "events_next"
        },
        "State": "; ".join(
            [found["state"], *(f"{lock['what']} locked until {lock['until']}" for lock in found["locks"])]
        ),
        "Two-factor": totp and _two_factor(totp),
        "Mail": delivery and " ".join(filter(None, (delivery["state"], delivery["at"], delivery.get("detail")))),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _two_factor(totp: dict[str, Any]) -> str:
    state = f"on, {totp['recovery_codes_left']} recovery codes left" if totp["enabled"] else "off"
    return f"{state}, required" if totp.get("required") else state


def _sessions(sessions: list[dict[str, Any]]) -> Table:
    more = f" (the newest {_SHOWN} of {len(sessions)})" if len(sessions) > _SHOWN else ""
    table = _table(f"Sessions{more}")
    for session in sessions[:_SHOWN]:
        how = f"{session['method']} · {_program(session)}"
        times = f"refreshed {_minute(session['refreshed_at'])}, ends {_minute(session['expires_at'])}"
        _add(table, session["created_at"], how, times)
    return table


def _events(events: list[dict[str, Any]]) -> Table:
    table = _table("Events")
    for event in events:
        count, since = event.get("count", 1), event.get("first_at", event["at"])
        times = f", {count} times since {_minute(since)}" if count > 1 else ""
        admin = event.get("admin")  # --json has the whole ARN
        why = f"by {admin.rpartition(':')[2]}: {event.get('reason')}" if admin else ""
        where = " · ".join(filter(None, (event["client_address"], _program(event))))
        _add(table, event["at"], f"{event['type']}{times}", where, why)
    return table


def _program(row: dict[str, Any]) -> str:
    """In our words; a program that has no name among them, by what it calls itself."""
    return str(row.get("program") or row["client"])


def _minute(iso: str) -> str:
    return iso[:16].replace("T", " ")


def _table(title: str) -> Table:
    """Two columns: a time that stays whole, and what there is to say of it, which a narrow terminal breaks in lines."""
    table = Table.grid(padding=(0, 2))
    table.title, table.title_justify = f"\n{title}, in UTC", "left"
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _add(table: Table, at: str, *lines: str) -> None:
    table.add_row(_minute(at), plain("\n".join(filter(None, lines))))
