"""GET /sign-in and the other hosted pages: files of its own, in the person's language; at other paths, "not found".

It holds no permission and loads no SDK: what the pages do, their scripts ask of the API.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rekey.accounts.event_types import EVENT_TYPES
from rekey.api.errors import NotFoundError
from rekey.credentials import password_presets
from rekey.languages.locale import locale
from rekey.languages.preference import choose, find_asked
from rekey.pages.website import File, Website
from rekey.settings import settings

Event = dict[str, Any]
Answer = dict[str, Any]

PAGES = {
    "/sign-up": "sign-up",
    "/sign-up/complete": "complete",
    "/sign-up/protect": "protect",
    "/sign-in": "sign-in",
    "/forgot": "forgot",
    "/reset": "reset",
    "/email/verify": "verify-email",
    "/security": "security",
    "/security/password": "password",
    "/security/two-factor": "two-factor",
    "/oauth/authorize": "authorize",
    "/oauth/logout": "logout",
}
# Pages to which applications send people: all that they ask stands in the query.
_OF_APPLICATIONS = {"/oauth/authorize", "/oauth/logout"}
REDIRECTS = {"/": "/security", "/.well-known/change-password": "/security/password"}
ICON = "/favicon.ico"
COOKIE = "rekey-lang"
ASKED_COOKIE = "rekey-lang-asked"  # what an application would like, where the person has chosen nothing
LANGUAGES = {"en": "English", "sv": "Svenska", "fr": "Français"}
# API Gateway drops the body of an answer to HEAD: the headers are those of GET (RFC 9110 §9.3.2).
_READING = {"GET", "HEAD"}
_HERE = Path(__file__).parent
_NEXT = re.compile(r"/[\w/-]*")  # a path of this origin: what a sign-in may lead back to


def lambda_handler(event: Event, _context: Any) -> Answer:
    path = event["rawPath"]
    if event["requestContext"]["http"]["method"] not in _READING:
        return _not_found(event)
    if path in REDIRECTS:
        return _redirect(REDIRECTS[path])
    if path in PAGES:
        return _page(PAGES[path], event)
    if path == ICON:
        return _file(website().icon, event, {"Cache-Control": "public, max-age=86400"})
    asset = website().asset_by_path(path)
    if not asset:
        return _not_found(event)
    return _file(asset, event, {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"})


def _not_found(event: Event) -> Answer:
    """A page for who reads, a problem for a program. Nothing of the path is in either, nor in what is counted."""
    from rekey import observability  # no page that is there waits for it to load

    observability.count_outcome("pages", NotFoundError.code)
    headers = {"Cache-Control": "no-store", "Content-Type": "application/problem+json"}
    if "text/html" not in _header(event, "accept"):
        return {**_answer(HTTPStatus.NOT_FOUND, headers), "body": json.dumps(NotFoundError().problem())}
    language = _language(event)
    headers["Content-Language"] = language
    return _sent(HTTPStatus.NOT_FOUND, website().page("not-found", language, ""), event, headers)


def _page(name: str, event: Event) -> Answer:
    query = event.get("queryStringParameters") or {}
    if query.get("lang") in LANGUAGES:
        kept = _request(event) if event["rawPath"] in _OF_APPLICATIONS else _next(query)
        answer = _redirect(event["rawPath"] + (f"?{kept}" if kept else ""))
        return {**answer, "cookies": [_cookie(COOKIE, query["lang"], 31536000)]}
    headers = {
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding, Accept-Language, Cookie",
        "Content-Language": (language := _language(event)),
    }
    answer = _file(website().page(name, language, _next(query)), event, headers)
    asked = find_asked(None, _asked(event))
    return {**answer, "cookies": [_cookie(ASKED_COOKIE, asked, 3600)]} if asked else answer


def _next(query: dict[str, str]) -> str:
    """What the language links of a page keep of its address: where to go on."""
    return f"next={query['next']}" if _NEXT.fullmatch(query.get("next", "")) else ""


def _request(event: Event) -> str:
    """All that an application asks, and not the language that the person has just chosen."""
    pairs = urllib.parse.parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True)
    return urllib.parse.urlencode([(name, value) for name, value in pairs if name != "lang"])


def _cookie(name: str, value: str, life: int) -> str:
    return f"{name}={value}; Path=/; Max-Age={life}; SameSite=Lax; Secure"


def _language(event: Event) -> str:
    """The person's choice, else what an application asks for or has asked for of late, else the browser's."""
    cookies = dict(pair.partition("=")[::2] for pair in event.get("cookies", ()))
    wishes = (_asked(event), cookies.get(ASKED_COOKIE, ""), _header(event, "accept-language"))
    return choose(cookies.get(COOKIE), ",".join(wishes))


def _asked(event: Event) -> str:
    """`ui_locales` (OpenID Connect Core §3.1.2.1), as Accept-Language is written."""
    query = event.get("queryStringParameters") or {}
    return query.get("ui_locales", "").replace(" ", ",") if event["rawPath"] in _OF_APPLICATIONS else ""


def _file(file: File, event: Event, headers: dict[str, str]) -> Answer:
    """Unless the browser has it."""
    headers["ETag"] = f'"{file.digest}{"-gzip" if _is_compressed(file, event) else ""}"'
    if headers["ETag"] in (each.strip().removeprefix("W/") for each in _header(event, "if-none-match").split(",")):
        return _answer(HTTPStatus.NOT_MODIFIED, headers)
    return _sent(HTTPStatus.OK, file, event, headers)


def _sent(status: HTTPStatus, file: File, event: Event, headers: dict[str, str]) -> Answer:
    headers["Content-Type"] = file.media_type
    if _is_compressed(file, event):
        headers["Content-Encoding"] = "gzip"
    elif file.is_text:
        return {**_answer(status, headers), "body": file.content.decode()}
    return {**_answer(status, headers), "body": file.base64, "isBase64Encoded": True}


def _is_compressed(file: File, event: Event) -> bool:
    return file.is_text and "gzip" in _header(event, "accept-encoding")


def _redirect(path: str) -> Answer:
    return _answer(HTTPStatus.FOUND, {"Location": path, "Cache-Control": "no-store"})


def _answer(status: HTTPStatus, headers: dict[str, str]) -> Answer:
    return {"statusCode": int(status), "headers": _security_headers() | headers, "body": ""}


def _header(event: Event, name: str) -> str:
    # API Gateway writes names in lower case; `sam local start-api` leaves them as they came.
    return next((str(value) for each, value in event.get("headers", {}).items() if each.lower() == name), "")


@cache
def website() -> Website:
    """Made at the first request, from the template's parameters."""
    shortest, rule = password_presets.RULES[settings().password_rule]
    facts = {
        "issuer": settings().issuer,
        "logo": settings().brand_logo,
        "terms": settings().terms_url,
        "privacy": settings().privacy_url,
        "support": settings().support_url,
        "home": settings().home_url,
        "home_host": urllib.parse.urlsplit(settings().home_url).netloc,
        "languages": LANGUAGES,
        "shortest": shortest,
        "longest": password_presets.LONGEST,
        "requirements_of_rule": list(rule),
        "event_types": EVENT_TYPES,
        "new_need_totp": settings().require_totp != "off",
        "device_trust": settings().device_trust,
    }
    folder = next(root / "web" for root in (_HERE, _HERE.parent) if (root / "web").is_dir())  # in Lambda, beside this
    return Website(folder, settings().brand_color, facts, locale)


@cache
def _security_headers() -> dict[str, str]:
    logo = urllib.parse.urlsplit(settings().brand_logo)
    images = f"'self' data: {logo.scheme}://{logo.netloc}" if logo.netloc else "'self' data:"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; connect-src 'self';"
            " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
