"""Whether mails reach an address: told by SES, kept on its row; what is bad is lifted by a proof, or by an admin."""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

DELIVERED, SOFT_BOUNCED, BOUNCED, COMPLAINED = "delivered", "soft_bounced", "bounced", "complained"
RESTORED = "restored"  # by an admin: nothing has been heard of a mail since
STOPPING = frozenset({BOUNCED, COMPLAINED})

# Older news changes nothing: SNS delivers late and twice. Of one second, the worse counts.
_BAD_NEWS = "(attribute_not_exists(delivery) OR delivery.#at <= :at)"
# It ends no stop: a mail server that takes a mail may bounce it later, and takes what people then call spam.
_OTHER_NEWS = (
    "(attribute_not_exists(delivery) OR delivery.#at < :at AND NOT delivery.#state IN (:bounced, :complained))"
)


def recording(email: str, state: str, at: int, detail: str | None) -> dict[str, Any]:
    """The write, for `store.update`, that keeps what has become of a mail at a time, if it is the latest that counts.

    Only of a registered address: strangers must not have rows made, and who is not a user yet has no other way in.
    """
    stopping = state in STOPPING
    return store.updating(
        settings().accounts_table,
        keys.address(addresses.email_digest(email)),
        "SET delivery = :delivery",
        f"attribute_exists(account_id) AND {_BAD_NEWS if stopping else _OTHER_NEWS}",
        names=("at",) if stopping else ("at", "state"),
        delivery={"state": state, "at": at, "detail": detail},
        at=at,
        **({} if stopping else {"bounced": BOUNCED, "complained": COMPLAINED}),
    )


def proven() -> Row:
    """The state of an address whose owner has just used a link that was mailed to it."""
    return {"state": DELIVERED, "at": clock.now(), "detail": "link used"}


def proving(email: str, account_id: str) -> dict[str, Any]:
    """The write that says so of an account's address, as long as it is the account's."""
    return store.updating(
        settings().accounts_table,
        keys.address(addresses.email_digest(email)),
        "SET delivery = :delivery",
        "account_id = :owner",
        delivery=proven(),
        owner=account_id,
    )


def restoring(account: Row) -> dict[str, Any]:
    """The write that lets mails go to an account's address again, if none may. News of mails of before stay older."""
    return store.updating(
        settings().accounts_table,
        keys.address(addresses.email_digest(account["email"])),
        "SET delivery = :delivery",
        "account_id = :owner AND delivery.#state IN (:bounced, :complained)",
        names=("state",),
        delivery={"state": RESTORED, "at": clock.now(), "detail": None},
        owner=account["account_id"],
        bounced=BOUNCED,
        complained=COMPLAINED,
    )


def is_stopped(address: Row | None) -> bool:
    """Whether no mail may go to the address any more."""
    return bool(address) and (address or {}).get("delivery", {}).get("state") in STOPPING
