"""Whether mails reach an address: told by SES, kept on its row; what is bad is lifted by a proof, or by an admin."""

from __future__ import annotations

from typing import Any

from rekey import clock
from rekey.accounts import addresses, keys
from rekey.accounts.event_types import EMAIL_VERIFICATION_REQUESTED, RESET_REQUESTED
from rekey.aws import store
from rekey.aws.store import Row
from rekey.settings import settings

DELIVERED, SOFT_BOUNCED, BOUNCED, COMPLAINED = "delivered", "soft_bounced", "bounced", "complained"
RESTORED = "restored"  # by an admin: nothing has been heard of a mail since
STOPPING = frozenset({BOUNCED, COMPLAINED})
STRANGER_LIFE = 30 * 86400  # seconds that a bounce of an address is remembered that nobody has registered

# Older news changes nothing: SNS delivers late and twice. Of one second, the worse counts.
_BAD_NEWS = "(attribute_not_exists(delivery) OR delivery.#at <= :at)"
# It ends no stop: a mail server that takes a mail may bounce it later, and takes what people then call spam.
_OTHER_NEWS = (
    "(attribute_not_exists(delivery) OR delivery.#at < :at AND NOT delivery.#state IN (:bounced, :complained))"
)


def recording(email: str, state: str, at: int, detail: str | None) -> dict[str, Any]:
    """The write, for `store.update`, that keeps what has become of a mail at a time, if it is the latest that counts.

    Of an address that nobody has registered only what is bad is kept, and not for long.
    """
    key, table = keys.address(addresses.email_digest(email)), settings().accounts_table
    told = {"state": state, "at": at, "detail": detail}
    if state in STOPPING:
        setting = "SET delivery = :delivery, expires_at = if_not_exists(kept_until, :expires)"
        expires = clock.now() + STRANGER_LIFE
        return store.updating(table, key, setting, _BAD_NEWS, names=("at",), delivery=told, at=at, expires=expires)
    condition = f"attribute_exists(account_id) AND {_OTHER_NEWS}"
    values = {"delivery": told, "at": at, "bounced": BOUNCED, "complained": COMPLAINED}
    return store.updating(table, key, "SET delivery = :delivery", condition, names=("at", "state"), **values)


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


def stops(address: Row | None, kind: str) -> bool:
    """Whether the email that an event of this kind owes may not go to the address.

    Mails that bounce are not sent, but for the one by which an owner, signed in, proves the address again. A complaint
    stops notices, and never a link that was asked for: a stranger could have brought it about.
    """
    state = (address or {}).get("delivery", {}).get("state")
    if state == BOUNCED:
        return kind != EMAIL_VERIFICATION_REQUESTED
    return state == COMPLAINED and kind not in {EMAIL_VERIFICATION_REQUESTED, RESET_REQUESTED}


def is_stopped(address: Row) -> bool:
    """Whether any email is held back from the address, so that an admin may let it go again."""
    return address.get("delivery", {}).get("state") in STOPPING
