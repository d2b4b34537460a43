"""GET /.well-known/…: what an application needs to know of Rekey before it sends anybody there, and to judge tokens.

Caches may keep it, and it takes no call of AWS while an environment is warm.
"""

from __future__ import annotations

from rekey.api.http import Request, entry_point, route
from rekey.oauth import metadata, signing_keys
from rekey.oauth.metadata import Jwks, Metadata

HOUR = "public, max-age=3600"


@route("GET /.well-known/openid-configuration", answers=(Metadata,), caching=HOUR)
def openid_configuration(request: Request[None]) -> Metadata:
    """Tell where everything is (OpenID Connect Discovery)."""
    return metadata.of(request.issuer)


@route("GET /.well-known/oauth-authorization-server", answers=(Metadata,), caching=HOUR)
def oauth_authorization_server(request: Request[None]) -> Metadata:
    """Tell where everything is (RFC 8414)."""
    return metadata.of(request.issuer)


@route("GET /.well-known/jwks.json", answers=(Jwks,), caching=f"public, max-age={signing_keys.CACHED}")
def jwks(_: Request[None]) -> Jwks:
    """List the keys that tokens are signed with (RFC 7517)."""
    return metadata.jwks()


lambda_handler = entry_point(openid_configuration, oauth_authorization_server, jwks)
