"""The link of an email: whose it is, how often there is a new one, and that it is kept before it is sent."""

from __future__ import annotations

from typing import Any, NamedTuple

from rekey.accounts import keys
from rekey.accounts.event_types import EMAIL_VERIFICATION_REQUESTED, RESET_REQUESTED
from rekey.aws.store import Row
from rekey.sessions import links, tokens
from rekey.settings import settings

_OF_ACCOUNTS = {
    RESET_REQUESTED: (tokens.RESET, keys.reset),
    EMAIL_VERIFICATION_REQUESTED: (tokens.EMAIL, keys.email_verification),
}


class LinkIsFreshError(Exception):
    """A link was asked for less than MailGap seconds before, and sent. It still works."""


class _Kept(NamedTuple):
    """What the token is for, whose it is, and the row that keeps it."""

    purpose: str
    owner: str
    key: Row


def issue_link(event: Row, account_id: str | None, **detail: Any) -> str:
    """The token of the link that the event owes. Raises LinkIsFreshError.

    A new link every MailGap seconds is enough, whoever asks. What an admin asks for waits for nobody.
    """
    kept = _kept(event, account_id)
    token = tokens.issue_token(kept.purpose, kept.owner, event["event_id"])
    gap, life = settings().mail_gap, settings().link_life
    if not links.keep(kept.key, token, life, asked_at=event["at"], gap=gap, at_once="admin" in event, **detail):
        raise LinkIsFreshError
    return str(token)


def put_off(event: Row, account_id: str | None) -> None:
    """The email could not be sent, for now. If it has a link, the next request need not wait for it."""
    if not account_id or event["type"] in _OF_ACCOUNTS:
        links.put_off(_kept(event, account_id).key, event["event_id"])


def _kept(event: Row, account_id: str | None) -> _Kept:
    if not account_id:
        digest = event["pk"].partition("#")[2]
        return _Kept(tokens.SIGN_UP, digest, keys.sign_up(digest))
    purpose, key = _OF_ACCOUNTS[event["type"]]
    return _Kept(purpose, account_id, key(account_id))
