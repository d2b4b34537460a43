"""Opaque tokens: a prefix secret scanners know, whose it is, which it is, 256 random bits, a checksum.

    rka_<owner>.<id>.<secret>.<checksum>

A token is kept only as its SHA-256 digest: with 256 random bits a slow hash would add nothing.

What an application gets has prefixes of its own. A version that knows no scopes, running beside this one or put back
in its place, finds no token there: it would take each for one that manages the account.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import zlib

import msgspec

ACCESS, REFRESH, CHALLENGE, RESET, SIGN_UP, EMAIL, DEVICE = "rka", "rkr", "rkc", "rkp", "rks", "rke", "rkd"
CODE, CLIENT_SECRET = "rkz", "rkx"
ACCOUNT = "account"  # the scope of whoever may manage the account: no application has it
NARROW, OFFLINE = "rkn", "rko"  # an access token without the scope `account`, a refresh token of an application

_ID = re.compile(r"[0-9a-f]{28}")
_PARTS_OF_JWT = 3
FORM = re.compile(r"([a-z]{3})_([0-9a-f]{28,32})\.([0-9a-f]{28})\.([A-Za-z0-9_-]{43})\.([0-9a-f]{8})")


class Token(msgspec.Struct, frozen=True):
    """A token taken apart. `repr` shows neither secret nor text, so a logged one gives nothing away."""

    purpose: str
    owner: str
    token_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Token({self.purpose}, {self.owner}, {self.token_id})"

    def __str__(self) -> str:
        """The text a client holds."""
        body = f"{self.purpose}_{self.owner}.{self.token_id}.{self.secret}"
        return f"{body}.{zlib.crc32(body.encode()):08x}"

    def digest(self) -> bytes:
        """What is stored. It covers purpose, owner and id, so no token passes for another."""
        return digest_of(str(self))

    def matches(self, digest: bytes | None) -> bool:
        """In constant time (ASVS 11.2.4); nothing matches an absent digest."""
        return digest is not None and hmac.compare_digest(self.digest(), digest)


def digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


class Signed(Token, frozen=True):
    """An access token that is a JWT (RFC 9068). Nothing of it is believed: its session has the digest of the whole."""

    text: str

    def __repr__(self) -> str:
        return super().__repr__()

    def __str__(self) -> str:
        return self.text


class _Claims(msgspec.Struct):
    sub: str
    sid: str


def issue_token(purpose: str, owner: str, token_id: str) -> Token:
    return Token(purpose, owner, token_id, secrets.token_urlsafe(32))


def derive_token(purpose: str, parent: Token, salt: bytes) -> Token:
    """The one successor of a token, by HMAC-SHA256 with a salt that is kept apart from it."""
    mac = hmac.new(salt, f"{purpose}.{parent}".encode(), hashlib.sha256).digest()
    return Token(purpose, parent.owner, parent.token_id, base64.urlsafe_b64encode(mac).rstrip(b"=").decode())


def parse_token(purpose: str, text: str) -> Token | None:
    """None for what was never a token of this purpose: mistyped, truncated, of another kind. It asks no database."""
    match = FORM.fullmatch(text)
    if not match or match[1] != purpose or int(match[5], 16) != zlib.crc32(text[:-9].encode()):
        return None
    return Token(*match.group(1, 2, 3, 4))


def parse_access(text: str) -> Token | None:
    """An access token in any of its forms: of a direct sign-in, narrowed, or a JWT."""
    return parse_token(ACCESS, text) or parse_token(NARROW, text) or _parse_signed(text)


def parse_refresh(text: str) -> Token | None:
    """A refresh token of a direct sign-in or of an application."""
    return parse_token(REFRESH, text) or parse_token(OFFLINE, text)


def _parse_signed(text: str) -> Token | None:
    """Where to look for the session that a JWT names. No signature is judged here: one that differs from what was
    handed out by a single letter has another digest.
    """
    parts = text.split(".")
    if len(parts) != _PARTS_OF_JWT or not text.isascii():
        return None
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(payload, type=_Claims)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not _ID.fullmatch(claims.sub) or not _ID.fullmatch(claims.sid):
        return None
    return Signed(NARROW, claims.sub, claims.sid, "", text)
