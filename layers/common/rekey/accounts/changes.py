"""Every change of an account's row, by name.

DynamoDB takes one update of a row in a transaction, so a flow puts it together from named changes, in sight:
`changes.updating(account, changes.setting_password(…), …)`. Each brings all that belongs to it, and the condition
without which it must not be made. The attributes are declared in `attributes.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from rekey import clock
from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

Verb = Literal["SET", "REMOVE", "ADD", "DELETE", "LESS"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an update: what is done with each attribute (a verb of DynamoDB and its value), on which condition.

    `LESS` is our own: so much less, and nothing less where there is nothing.
    """

    actions: dict[str, tuple[Verb, Any]] = {}
    condition: str = ""
    values: dict[str, Any] = {}
    """Of the condition, by name."""


def updating(account: Row, *changes: Change) -> dict[str, Any]:
    """The write, for `transact`, that makes all of the changes or none. Of two for an attribute, the later counts.

    An account that was deleted meanwhile does not come back as half a row.
    """
    actions = {name: action for change in changes for name, action in change.actions.items()}
    clauses: defaultdict[Verb, list[str]] = defaultdict(list)
    for name, (verb, _) in actions.items():
        less = f"{name} = if_not_exists({name}, :{name}) - :{name}"
        part = {"SET": f"{name} = :{name}", "LESS": less, "REMOVE": name}.get(verb, f"{name} :{name}")
        clauses["SET" if verb == "LESS" else verb].append(part)
    values = {name: value for name, (verb, value) in actions.items() if verb != "REMOVE"}
    return store.updating(
        settings().accounts_table,
        keys.account(account["account_id"]),
        " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items()),
        _condition(changes),
        **values,
        **_values(changes),
    )


def checking(account: Row, *conditions: Change) -> dict[str, Any]:
    """No write, on the conditions of these changes, which make none."""
    key = keys.account(account["account_id"])
    return store.checking(settings().accounts_table, key, _condition(conditions), **_values(conditions))


def _condition(changes: Sequence[Change]) -> str:
    return " AND ".join(["attribute_exists(pk)", *(change.condition for change in changes if change.condition)])


def _values(changes: Sequence[Change]) -> dict[str, Any]:
    return {name: value for change in changes for name, value in change.values.items()}


def unchanged(account: Row, *names: str) -> Change:
    """No change, on condition that these attributes are as they were read."""
    return Change(
        condition=" AND ".join(f"{name} = :seen_{name}" for name in names),
        values={f"seen_{name}": account[name] for name in names},
    )


def in_epoch(epoch: int) -> Change:
    """No change, on condition that nothing has ended the sessions of this epoch."""
    return Change(condition="token_epoch = :seen_epoch", values={"seen_epoch": epoch})


def removing(*names: str) -> Change:
    return Change(actions=dict.fromkeys(names, ("REMOVE", None)))


def next_epoch(seen: int) -> int:
    """The epoch after one that was read: at least the time, in seconds.

    So no row that a backup or an import brings back can come to an epoch in which sessions have lived before.
    """
    return max(seen + 1, clock.now())


def raising_epoch(account: Row) -> Change:
    """The end of every session and challenge there is. It adds, so of several at once each raises it."""
    seen = account["token_epoch"]
    return Change(actions={"token_epoch": ("ADD", next_epoch(seen) - seen)})


def moving_epoch(seen: int, to: int) -> Change:
    """The same for a flow that keeps its own session and so must know where to: it fails if another has come first."""
    return msgspec.structs.replace(in_epoch(seen), actions={"token_epoch": ("SET", to)})


def setting_password(password_hash: str, raised: Change) -> Change:
    """A new password, and with it the end of every session that the old one began: the epoch is `raised`."""
    password: dict[str, tuple[Verb, Any]] = {
        "password_hash": ("SET", password_hash),
        "password_changed_at": ("SET", clock.now()),
    }
    return msgspec.structs.replace(raised, actions=raised.actions | password)


def rehashing_password(account: Row, password_hash: str) -> Change:
    """The same password under another hash, over the hash just verified: a change that came between stays."""
    same = unchanged(account, "password_hash")
    return msgspec.structs.replace(same, actions={"password_hash": ("SET", password_hash)})


def enabling_totp(secret: bytes, step: int, recovery_codes: set[bytes]) -> Change:
    """The second factor on, its first code spent by the step it was of, with the digests of its recovery codes."""
    return Change(
        actions={
            "totp_secret": ("SET", secret),
            "totp_last_step": ("SET", step),
            "totp_enabled_at": ("SET", clock.now()),
            "recovery_codes": ("SET", recovery_codes),
        },
        condition="attribute_not_exists(totp_secret)",
    )


def clearing_totp() -> Change:
    """The second factor off, with all that was kept for it."""
    names = ("totp_secret", "totp_last_step", "totp_enabled_at", "recovery_codes")
    return msgspec.structs.replace(removing(*names), condition="attribute_exists(totp_secret)")


def spending_step(step: int) -> Change:
    """A code is accepted once: the last step only rises (RFC 6238 §5.2)."""
    return Change(
        actions={"totp_last_step": ("SET", step)},
        condition="totp_last_step < :spent_step",
        values={"spent_step": step},
    )


def spending_recovery_code(digest: bytes) -> Change:
    """Of two uses at once, one finds it gone."""
    return Change(
        actions={"recovery_codes": ("DELETE", {digest})},
        condition="contains(recovery_codes, :spent_code)",
        values={"spent_code": digest},
    )


def replacing_recovery_codes(digests: set[bytes]) -> Change:
    return Change(actions={"recovery_codes": ("SET", digests)})


def listing_devices(used_at: dict[str, int]) -> Change:
    """The devices that an account is signed in on, and when each was last known to be used."""
    return Change(actions={"devices": ("SET", used_at)})


def if_enabled() -> Change:
    """No change, on condition that no admin has disabled the account."""
    return Change(condition="attribute_not_exists(disabled_at)")


def disabling(account: Row) -> Change:
    """No sign-in from now on. The epoch rises with it, so what is under way ends too."""
    raised = raising_epoch(account)
    return msgspec.structs.replace(
        raised,
        actions=raised.actions | {"disabled_at": ("SET", clock.now())},
        condition="attribute_not_exists(disabled_at)",
    )


def enabling() -> Change:
    return msgspec.structs.replace(removing("disabled_at"), condition="attribute_exists(disabled_at)")


def connected_as(account: Row) -> Change:
    """No change, on condition that no application was connected or withdrawn since the account was read."""
    if "applications" not in account:
        return Change(condition="attribute_not_exists(applications)")
    return unchanged(account, "applications")


def connecting(account: Row, client_id: str, connection: Row) -> Change:
    """An application may have what its connection says. The map is set whole: DynamoDB can set no member of a map that
    is not there yet.
    """
    connected = account.get("applications", {}) | {client_id: connection}
    return msgspec.structs.replace(connected_as(account), actions={"applications": ("SET", connected)})


def disconnecting(account: Row, client_id: str) -> Change:
    """An application may have nothing any more. Its sessions name the connection, so they end with it."""
    connected = account.get("applications", {})
    left = {each: connection for each, connection in connected.items() if each != client_id}
    return msgspec.structs.replace(connected_as(account), actions={"applications": ("SET", left)})
