"""Which application asks, and that it is the one (RFC 6749 §2.3): by `client_secret_basic`, `client_secret_post`, or,
where it can keep no secret, by its id alone.

A failure is not charged to anybody: a secret has 256 random bits, and an application whose secret was replaced must not
shut out whoever shares its address.
"""

from __future__ import annotations

import base64
import binascii
import urllib.parse
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from rekey.accounts import keys
from rekey.api.errors import InvalidClientError, InvalidRequestError
from rekey.api.http import Form, Request
from rekey.aws.store import Row
from rekey.oauth import clients
from rekey.settings import settings


class ClientForm(Form, kw_only=True):
    """A form in which an application says which it is, unless a header does."""

    client_id: Annotated[str, Meta(description="The application's id")] | None = None
    client_secret: Annotated[str, Meta(description="Of one that keeps a secret, if it is not in the header")] | None = (
        None
    )


class Claim(msgspec.Struct, frozen=True):
    """Which application a request says it is of, and the secret that is to prove it. `repr` shows no secret."""

    client_id: str
    secret: str | None

    def __repr__(self) -> str:
        return f"Claim({self.client_id})"

    def key(self) -> tuple[str, Row]:
        """Of the row to be read: together with what else a flow reads, in one trip."""
        return settings().accounts_table, keys.client(self.client_id)


def read(request: Request[Any]) -> Claim:
    """What a request says. Raises InvalidClientError where it says nothing, and as `find` does."""
    claim = find(request)
    if not claim:
        raise InvalidClientError
    return claim


def find(request: Request[Any]) -> Claim | None:
    """What a request says; None if it says nothing. Raises InvalidClientError for what cannot be true, and
    InvalidRequestError for what is said in two ways at once (RFC 6749 §2.3).
    """
    form: ClientForm = request.body
    claim = _by_header(request.authorization)
    if claim and (form.client_secret or form.client_id not in {None, claim.client_id}):
        raise InvalidRequestError
    if claim or form.client_id is None:
        return claim
    return _possible(form.client_id, form.client_secret)


def _by_header(authorization: str) -> Claim | None:
    """Id and secret are encoded as in a form, each by itself (RFC 6749 §2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClientError from None
    client_id, _, secret = text.partition(":")
    return _possible(urllib.parse.unquote_plus(client_id), urllib.parse.unquote_plus(secret))


def _possible(client_id: str, secret: str | None) -> Claim:
    if not clients.is_id(client_id):
        raise InvalidClientError
    return Claim(client_id, secret or None)  # a client without a secret may send an empty one


def require(client: Row | None, claim: Claim) -> Row:
    """The application that it is. One that keeps a secret needs it; one that does not has none to send.

    Raises InvalidClientError.
    """
    if not client or clients.keeps_secret(client) != (claim.secret is not None):
        raise InvalidClientError
    if claim.secret is not None and not clients.is_secret(client, claim.secret):
        raise InvalidClientError
    return client


def require_confidential(client: Row | None, claim: Claim) -> Row:
    """The same, for what only those may ask that can prove who they are. Raises InvalidClientError."""
    if claim.secret is None:
        raise InvalidClientError
    return require(client, claim)
