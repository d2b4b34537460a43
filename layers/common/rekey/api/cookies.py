"""Sessions of the hosted pages: their tokens are in cookies that no script can read (ASVS 3.3.4).

A page's calls carry `Rekey-Client: page`. Another site's form cannot send that header, and its script only after a
preflight, which is not granted: without it cookies are not looked at, so a request that was forged has no session.
"""

from __future__ import annotations

import urllib.parse
from typing import Any

from rekey.api.errors import CrossSiteRequestError

FIELDS = ("access_token", "refresh_token", "challenge_token")
_NAMES = {field: f"__Host-rekey-{field.partition('_')[0]}" for field in FIELDS}
_DEVICE = "__Host-rekey-device-"  # and the beginning of the digest of the address: people may share a browser
DEVICE_LIFE = 365 * 86400  # seconds after its last use that a device is known
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


def is_from_page(headers: dict[str, str]) -> bool:
    """Whether one of the hosted pages is asking. Raises CrossSiteRequestError for one that only says so."""
    if headers.get("rekey-client") != "page":
        return False
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None:
        # An older browser: it says where from with a POST, and needs a preflight for the header in any case.
        is_own = origin is None or urllib.parse.urlsplit(origin).netloc == headers.get("host")
    else:
        is_own = site == "same-origin"
    if not is_own:
        raise CrossSiteRequestError
    return True


def tokens_in(cookies: list[str]) -> dict[str, str]:
    """The tokens that a request brings: by the name of their field in a body, a device's by the name of its cookie."""
    sent = dict(cookie.split("=", 1) for cookie in cookies if "=" in cookie)
    devices = {name: token for name, token in sent.items() if name.startswith(_DEVICE)}
    return {field: sent[name] for field, name in _NAMES.items() if name in sent} | devices


def name_of_device(email_digest: str) -> str:
    """The cookie of whoever signs in to an address."""
    return f"{_DEVICE}{email_digest[:16]}"


def keep(body: dict[str, Any]) -> list[str]:
    """The cookies that keep an answer's tokens, which are taken out of it. Completing a sign-in ends its challenge."""
    lives = {"refresh_token": body.get("refresh_expires_in")}
    kept = [_cookie(field, body.pop(field), lives.get(field, body["expires_in"])) for field in _NAMES if field in body]
    if len(kept) > 1:
        kept.append(_cookie("challenge_token", "", 0))
    device_token = body.pop("device_token", None)
    if device_token:
        kept.append(keep_device(device_token.partition("_")[2], device_token, DEVICE_LIFE))
    return kept


def keep_device(email_digest: str, token: str, life: int) -> str:
    """The cookie that keeps a device's token, whose owner is the address."""
    return f"{name_of_device(email_digest)}={token}; Max-Age={life}; {_ATTRIBUTES}"


def forget() -> list[str]:
    """The cookies that end those of a session. The device stays known."""
    return [_cookie(field, "", 0) for field in _NAMES]


def _cookie(field: str, value: str, life: int) -> str:
    return f"{_NAMES[field]}={value}; Max-Age={life}; {_ATTRIBUTES}"
