"""How an account comes to be, and goes: its row, and its address made its own."""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

KEPT = 253402300799  # the end of the year 9999: a registered address never falls to TTL


def creating(account: Row) -> dict[str, Any]:
    """The write that makes the account, as `new_account` has it."""
    return store.putting(settings().accounts_table, account)


def deleting(account: Row) -> dict[str, Any]:
    return store.deleting(settings().accounts_table, keys.account(account["account_id"]), "attribute_exists(pk)")


def releasing(email_digest: str, account_id: str) -> dict[str, Any]:
    """The write that makes an account's address free, unless it is another's by now."""
    key = keys.address(email_digest)
    return store.deleting(settings().accounts_table, key, "account_id = :account_id", account_id=account_id)


def new_account(account_id: str, email: str, password_hash: str, created_at: int, **more: Any) -> Row:
    """The row of an account. `more` is what it brings along: a locale, a second factor."""
    return {
        **keys.account(account_id),
        "account_id": account_id,
        "email": email,
        "password_hash": password_hash,
        "token_epoch": clock.now(),  # never one in which an earlier life of the account had sessions
        "created_at": created_at,
        **more,
    }


def registering(email_digest: str, account_id: str, **more: Any) -> dict[str, Any]:
    """The write that makes an address an account's, on condition that it is nobody's yet. `more` is set on its row.

    The address's row may be there already, counting attempts; from now on TTL must not take it.
    """
    values = {"account_id": account_id, "kept_until": KEPT, **more}
    return store.updating(
        settings().accounts_table,
        keys.address(email_digest),
        f"SET {', '.join(f'{name} = :{name}' for name in values)} REMOVE expires_at",
        "attribute_not_exists(account_id)",
        **values,
    )
