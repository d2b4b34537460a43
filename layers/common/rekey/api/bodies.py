"""Bodies and queries of requests: from what came to the structs that flows declare, or refused by name."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from typing import Any

import msgspec

from rekey.api.errors import (
    BodyTooLargeError,
    FieldCode,
    InvalidRequestError,
    MalformedBodyError,
    ValidationFailedError,
)

LARGEST_BODY = 16 * 1024  # bytes
LARGEST_QUERY = 6 * 1024  # bytes; API Gateway takes 10,240 for all headers of an answer
FORM = "application/x-www-form-urlencoded"


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def read_raw(event: dict[str, Any]) -> bytes:
    """Raises MalformedBodyError, BodyTooLargeError."""
    text = event.get("body") or ""
    if len(text) > LARGEST_BODY * 4 / 3 + 4:
        raise BodyTooLargeError
    try:
        raw = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, UnicodeEncodeError):
        raise MalformedBodyError from None
    if len(raw) > LARGEST_BODY:
        raise BodyTooLargeError
    return raw


def read_json(raw: bytes, kind: Any) -> Any:
    """Raises MalformedBodyError or ValidationFailedError, whose causes are cut off: they may quote the body."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBodyError from None


def require_one(body: msgspec.Struct, names: tuple[str, ...]) -> None:
    """Raises ValidationFailedError for a body with none of these optional fields, or with several."""
    given = [name for name in names if getattr(body, name) is not None]
    if names and len(given) != 1:
        raise ValidationFailedError(names[0], "ambiguous" if given else "missing")


def read_query(pairs: dict[str, str], kind: Any) -> Any:
    """Raises ValidationFailedError. A parameter sent twice comes as one text, with a comma between."""
    try:
        return msgspec.convert(pairs, kind)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from None


# How msgspec words it. A name it quotes is the caller's own and goes back to no one else; a value it never quotes here.
_WORDED: tuple[tuple[re.Pattern[str], FieldCode], ...] = (
    (re.compile(r"missing required field `(.+?)`"), "missing"),
    (re.compile(r"unknown field `(.+?)`", re.DOTALL), "unknown"),
    (re.compile(r"Invalid enum value .* - at `\$\.(\w+)", re.DOTALL), "not_allowed"),
    (re.compile(r"length <= .* - at `\$\.(\w+)"), "too_long"),
    (re.compile(r" - at `\$\.(\w+)"), "invalid"),
)


def _named(message: str) -> ValidationFailedError:
    for pattern, code in _WORDED:
        if found := pattern.search(message):
            return ValidationFailedError(found[1][:64], code)
    return ValidationFailedError("", "not_an_object")


def as_query(raw: bytes) -> str:
    """A form as a query, written anew. Raises MalformedBodyError, BodyTooLargeError."""
    try:
        pairs = urllib.parse.parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=64, errors="strict")
    except ValueError:
        raise MalformedBodyError from None
    query = urllib.parse.urlencode(pairs)
    if len(query) > LARGEST_QUERY:
        raise BodyTooLargeError
    return query


def read_form(raw: bytes, kind: Any) -> Any:
    """Raises InvalidRequestError: also for a repeated parameter (RFC 6749 §3.2)."""
    try:
        pairs = urllib.parse.parse_qsl(raw.decode(), strict_parsing=True, max_num_fields=16, errors="strict")
        if len(dict(pairs)) < len(pairs):
            raise InvalidRequestError
        return msgspec.convert(dict(pairs), kind)
    except (ValueError, msgspec.ValidationError):
        raise InvalidRequestError from None
