"""The kinds that applications come in."""

from typing import Literal

ClientType = Literal["spa", "native", "web", "service"]
CONFIDENTIAL = {"web", "service"}
"""Those that can keep a secret: they run on a server (RFC 6749 §2.1)."""
Pkce = Literal["required", "optional"]
AccessTokens = Literal["opaque", "jwt"]
OPENID_SCOPES = ["openid", "email", "profile", "offline_access"]
"""Of OpenID Connect, what there is: any application may have them."""
