"""What an operator says of an application, and is told: the bodies and answers of `POST /admin/clients/…`."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from rekey.api.fields import Confirmation, Reason, Time
from rekey.api.http import Json
from rekey.oauth import clients
from rekey.oauth.types import OPENID_SCOPES, AccessTokens, ClientType, Pkce

ClientId = Annotated[
    str, Meta(description="The application's id, for good", pattern=f"^{clients.ID}$", examples=["orders"])
]
Name = Annotated[str, Meta(description="What people are shown", max_length=clients.LONGEST_NAME, examples=["Orders"])]
Addresses = Annotated[list[str], Meta(description="Whole addresses; compared letter for letter")]
Texts = list[str]
ClientSecret = Annotated[str, Meta(description="Shown this once; Rekey keeps a digest")]
LONGEST_OVERLAP = 7 * 86400  # seconds


class Named(Json, kw_only=True):
    client_id: ClientId


class Added(Named, kw_only=True):
    name: Name
    type: ClientType
    redirect_uris: Addresses = field(default_factory=list)
    post_logout_redirect_uris: Addresses = field(default_factory=list)
    scopes: Texts = field(default_factory=OPENID_SCOPES.copy)
    audiences: Texts = field(default_factory=list)
    first_party: bool = False
    pkce: Pkce = "required"
    access_tokens: AccessTokens = "opaque"
    reason: Reason


class Set(Named, kw_only=True):
    """What is left out stays as it is. The type never changes: another kind of program is another client."""

    name: Name | UnsetType = UNSET
    redirect_uris: Addresses | UnsetType = UNSET
    post_logout_redirect_uris: Addresses | UnsetType = UNSET
    scopes: Texts | UnsetType = UNSET
    audiences: Texts | UnsetType = UNSET
    first_party: bool | UnsetType = UNSET
    pkce: Pkce | UnsetType = UNSET
    access_tokens: AccessTokens | UnsetType = UNSET
    reason: Reason


class SecretRotated(Named, kw_only=True):
    keep_old_for: Annotated[int, Meta(description="Seconds", ge=0, le=LONGEST_OVERLAP)] = 86400
    reason: Reason


class Removed(Named, kw_only=True):
    reason: Reason
    confirm: Confirmation


class ClientState(msgspec.Struct, kw_only=True):
    client_id: ClientId
    name: str
    type: ClientType
    redirect_uris: Texts
    post_logout_redirect_uris: Texts
    scopes: Texts
    audiences: Texts
    first_party: bool
    pkce: Pkce
    access_tokens: AccessTokens
    created_at: Time
    old_secret_until: Time | None


class Clients(msgspec.Struct):
    clients: list[ClientState]


class Registered(msgspec.Struct, kw_only=True):
    client_id: ClientId
    client_secret: ClientSecret | None
