"""One-time tokens at rest: a row each, good until it expires or is spent, which is to delete it."""

from typing import Any

from rekey import clock
from rekey.aws import store
from rekey.aws.store import Row
from rekey.sessions.tokens import Token
from rekey.settings import settings


def row_of(key: Row, token: Token, life: int, **detail: Any) -> Row:
    """What is kept of a token: its digest, and for how many seconds."""
    return {**key, "digest": token.digest(), "expires_at": clock.now() + life, **detail}


def is_good(row: Row | None, token: Token) -> bool:
    """Whether the row is this token's and has not expired, whatever TTL has deleted."""
    return row is not None and token.matches(row["digest"]) and bool(row["expires_at"] > clock.now())


def voiding(key: Row) -> dict[str, Any]:
    """The write that ends a token that may be under way, if there is one."""
    return store.deleting(settings().tokens_table, key)


def noting(row: Row, **detail: Any) -> dict[str, Any]:
    """The write that keeps something with a token that is still there."""
    return store.updating(
        settings().tokens_table,
        {"pk": row["pk"], "sk": row["sk"]},
        f"SET {', '.join(f'{name} = :{name}' for name in detail)}",
        "attribute_exists(pk)",
        **detail,
    )


def consuming(key: Row, token: Token) -> dict[str, Any]:
    """The write that spends a token. With all that it buys in one transaction, it is accepted at most once."""
    return store.deleting(
        settings().tokens_table,
        key,
        "digest = :digest AND expires_at > :now",
        digest=token.digest(),
        now=clock.now(),
    )
