"""The hosted pages: what a browser is sent, in which language, how long it keeps it, and what it lets the page do."""

from __future__ import annotations

import ast
import base64
import gc
import gzip
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import pages
from account import AccountState
from local import openapi, openapi_refusals
from local.template import ROOT
from rekey.accounts.event_types import EVENT_TYPES
from rekey.api import errors
from rekey.credentials import password_presets
from rekey.languages.locale import locale
from rekey.pages import brand
from rekey.pages.website import MOST_PAGES, File
from tests.stack import Stack

ASSETS = ROOT / "web/assets"
TOURS = sorted((ROOT / "tests/browser").glob("tour*.py"))
LANGUAGES = ["en", "sv", "fr"]
Get = Callable[..., SimpleNamespace]


@pytest.fixture
def get(stack: Stack) -> Get:
    """Ask for a path as a browser does, through API Gateway."""
    pages.website.cache_clear()
    pages._security_headers.cache_clear()

    def ask(
        path: str,
        *cookies: str,
        query: dict[str, str] | None = None,
        raw_query: str = "",
        method: str = "GET",
        **headers: str,
    ) -> SimpleNamespace:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        event = {"rawPath": path, "headers": sent, "cookies": list(cookies), "queryStringParameters": query or {}}
        event |= {"rawQueryString": raw_query, "requestContext": {"http": {"method": method}}}
        answer: dict[str, Any] = stack.invoke("pages", event)
        raw = base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"].encode()
        body = gzip.decompress(raw) if answer["headers"].get("Content-Encoding") == "gzip" else raw
        return SimpleNamespace(
            status=answer["statusCode"],
            headers=answer["headers"],
            text=body.decode(errors="replace"),
            raw=raw,
            size=len(raw),
            cookies=answer.get("cookies", []),
        )

    return ask


def assets_of(get: Get, html: str) -> dict[str, SimpleNamespace]:
    """All that a page loads, and what that loads, by path, as a browser gets it."""
    waiting, found = re.findall(r'(?:href|src)="(/assets/[^"]+)"', html), {}
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = get(path, accept_encoding="gzip")
            waiting += [f"/assets/{name}" for name in re.findall(r'from "\./([^"]+)"', found[path].text)]
    return found


@pytest.mark.parametrize("path", pages.PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_whole_and_light(get: Get, path: str, language: str) -> None:
    """A page is there in each language; all it loads is the stack's own, and it weighs less than 60 KB in all."""
    page = get(path, f"rekey-lang={language}", accept_encoding="gzip, br")
    loaded = assets_of(get, page.text)

    assert page.status == 200
    assert f'<html lang="{language}">' in page.text
    assert {answer.status for answer in loaded.values()} == {200}
    assert page.size + sum(answer.size for answer in loaded.values()) < 60 * 1024
    assert not re.search(r'(?:src|action|href)="(?:https?:)?//', page.text)


@pytest.mark.parametrize("path", pages.PAGES)
def test_headings_tell_steps_apart(get: Get, path: str) -> None:
    """No two steps of a page have the same heading: whoever hears it knows which one has come."""
    headings = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", get(path).text, re.DOTALL)

    assert headings
    assert sorted({*headings}) == sorted(headings)


@pytest.mark.parametrize("path", pages.PAGES)
def test_nothing_runs_or_paints_from_within_the_page(get: Get, path: str) -> None:
    """No script, style or handler stands in a page, and none that it loads writes HTML: the policy would stop it."""
    page = get(path)

    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=)", page.text)
    for name, asset in assets_of(get, page.text).items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\.style\b", asset.text), (
            name
        )
        # What an application asked, which holds no token, is kept on the way. Nothing else is.
        assert name.startswith("/assets/onward.") or not re.search(
            r"(local|session)Storage|indexedDB|\.cookie\b", asset.text
        )


@pytest.mark.parametrize("path", ["/sign-in", "/", "/sign-in?lang", "/assets/style.css"])
def test_every_answer_says_what_a_browser_may_do(get: Get, path: str) -> None:
    """Whatever the answer, scripts, frames and forms are held to this origin, and no address is told to others."""
    answer = get(path.partition("?")[0], query={"lang": "sv"} if "?" in path else None)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("parameters", [{"BrandLogo": "https://cdn.example.com/logo.svg", "Issuer": "Grüße & Söhne"}])
def test_a_logo_may_be_shown_and_nothing_else_of_its_origin(get: Get) -> None:
    """With a logo its origin is one of images and of nothing else; the name describes it, as text and not as HTML."""
    answer = get("/sign-in")

    assert "img-src 'self' data: https://cdn.example.com;" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].count("cdn.example.com") == 1
    assert '<img src="https://cdn.example.com/logo.svg" alt="Grüße &amp; Söhne"' in answer.text


LINKS = {
    "TermsUrl": "https://example.com/terms?lang=en&v=2",
    "PrivacyUrl": "https://example.com/privacy",
    "SupportUrl": "https://help.example.com/",
    "HomeUrl": "https://app.example.com:8443/start",
}
SIGNED_IN = {"/sign-up/protect", "/security", "/security/password", "/security/two-factor"}


@pytest.mark.parametrize("parameters", [LINKS])
@pytest.mark.parametrize("path", pages.PAGES)
def test_links_of_the_team(get: Get, path: str) -> None:
    """Each page links what the parameters name; those of a person who is signed in lead on to the application."""
    page = get(path).text
    foot = page[page.index("<footer>") :]

    assert re.findall(r'<a href="(https:[^"]+)">([^<]+)</a>', foot) == [
        ("https://example.com/terms?lang=en&amp;v=2", "Terms"),
        ("https://example.com/privacy", "Privacy"),
        ("https://help.example.com/", "Support"),
    ]
    onward = '<a href="https://app.example.com:8443/start">Continue to app.example.com:8443</a>'
    assert page.count(onward) == (path in SIGNED_IN)
    assert page.count("app.example.com") == 2 * page.count(onward)


@pytest.mark.parametrize("parameters", [{"PrivacyUrl": "https://example.com/privacy"}])
@pytest.mark.parametrize("path", ["/sign-in", "/security"])
def test_no_link_where_no_parameter_names_it(get: Get, path: str) -> None:
    """What is empty is not shown: no word of it and no empty place."""
    page = get(path).text

    assert re.findall(r'<a href="(https?:[^"]*)"', page) == ["https://example.com/privacy"]
    assert not re.search(r'<a href=""|<li></li>|Terms|Support<|Continue to (?!\{place\})', page)


def test_a_page_is_asked_for_again_and_not_sent_again(get: Get) -> None:
    """A page is checked each time; what a browser holds is answered 304 with no body, in its own encoding alone."""
    plain, packed = get("/sign-in"), get("/sign-in", accept_encoding="gzip")

    assert plain.headers["Cache-Control"] == "no-cache"
    assert plain.text == packed.text
    assert plain.headers["ETag"] != packed.headers["ETag"]
    again = get("/sign-in", accept_encoding="gzip", if_none_match=f'"x", W/{packed.headers["ETag"]}')
    assert (again.status, again.text) == (304, "")
    assert get("/sign-in", if_none_match=packed.headers["ETag"]).status == 200
    assert get("/sign-in", "rekey-lang=sv", if_none_match=plain.headers["ETag"]).status == 200
    assert {"Accept-Language", "Cookie", "Accept-Encoding"} <= {*plain.headers["Vary"].split(", ")}


def test_assets_are_kept_for_ever_under_names_of_their_content(get: Get) -> None:
    """An asset may be kept for ever; any other name of it, an old one say, is not found and not kept."""
    for path, asset in assets_of(get, get("/security").text).items():
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        other = re.sub(r"\.[0-9a-f]{16}\.", ".0123456789abcdef.", path)
        assert get(other).status == 404
        assert get(other).headers["Cache-Control"] == "no-store"
    for path in ("/assets/style.css", "/assets/../pages/base.html", "/assets/..%2fpages.py", "/assets/.x.", "/assets/"):
        assert get(path).status == 404


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [("", "", "en"), ("", "de, sv;q=0.8", "sv"), ("fr", "sv", "fr"), ("xx", "sv", "sv"), ("../en", "fr-CA", "fr")],
)
def test_language(get: Get, cookie: str, header: str, language: str) -> None:
    """What the person chose comes before what the browser says."""
    page = get("/forgot", f"rekey-lang={cookie}", accept_language=header)

    assert page.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page.text


REQUEST = "client_id=orders&state=a%26lang%3Dfr&scope=openid+email&scope=&consent=openid"


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/logout"])
def test_choosing_a_language_for_an_application_s_request(get: Get, path: str) -> None:
    """All that the application asks is kept as it came, in its order, and twice what came twice."""
    chosen = get(path, query={"lang": "sv"}, raw_query=f"lang=sv&{REQUEST}&lang=fr")

    assert (chosen.status, chosen.headers["Location"]) == (302, f"{path}?{REQUEST}")
    assert get(path, query={"lang": "sv"}, raw_query="lang=sv").headers["Location"] == path
    injected = get(path, query={"lang": "sv"}, raw_query="state=%0d%0aSet-Cookie:a&lang=sv")
    assert injected.headers["Location"] == f"{path}?state=%0D%0ASet-Cookie%3Aa"


@pytest.mark.parametrize(
    ("chosen", "ui_locales", "browser", "language"),
    [("", "sv", "fr", "sv"), ("fr", "sv", "en", "fr"), ("", "de fr-CA sv", "sv", "fr"), ("", "de", "sv", "sv")],
)
def test_the_language_that_an_application_asks_for(
    get: Get, chosen: str, ui_locales: str, browser: str, language: str
) -> None:
    """`ui_locales` comes after what the person chose and before what the browser says; the next pages follow it."""
    cookies = [f"rekey-lang={chosen}"] if chosen else []
    page = get("/oauth/authorize", *cookies, query={"ui_locales": ui_locales}, accept_language=browser)
    kept = [each.partition(";")[0] for each in page.cookies]

    assert page.headers["Content-Language"] == language
    assert get("/sign-in", *cookies, *kept, accept_language=browser).headers["Content-Language"] == language
    assert get("/sign-in", query={"ui_locales": "sv"}).headers["Content-Language"] == "en"


def test_what_an_application_asks_for_is_forgotten(get: Get) -> None:
    """It is no choice of the person's: kept for an hour, and only as one of our languages."""
    asked = get("/oauth/authorize", query={"ui_locales": "sv\r\nX: y fr"})

    assert asked.cookies == ["rekey-lang-asked=fr; Path=/; Max-Age=3600; SameSite=Lax; Secure"]
    assert get("/oauth/authorize", query={"ui_locales": "xx"}).cookies == []


def test_choosing_a_language(get: Get) -> None:
    """A link in the footer sets the choice and leads back to the page; of the query only where to go on is kept."""
    chosen = get("/sign-in", query={"lang": "sv", "next": "/security/two-factor"})

    assert (chosen.status, chosen.headers["Location"]) == (302, "/sign-in?next=/security/two-factor")
    assert chosen.cookies == ["rekey-lang=sv; Path=/; Max-Age=31536000; SameSite=Lax; Secure"]
    assert get("/sign-in", query={"lang": "sv", "next": "//evil.example"}).headers["Location"] == "/sign-in"
    assert get("/sign-in", query={"lang": "sv", "next": "https://evil.example"}).headers["Location"] == "/sign-in"
    assert get("/sign-in", query={"lang": "xx\r\nSet-Cookie: a=b"}).status == 200


@pytest.mark.parametrize("path", ["/", "/sign-in", "/favicon.ico", "/nothing"])
def test_head_is_get(get: Get, path: str) -> None:
    """HEAD has the status and the headers of GET (RFC 9110 §9.3.2); API Gateway drops the body."""
    assert vars(get(path, method="HEAD", accept="text/html")) == vars(get(path, accept="text/html"))


@pytest.mark.parametrize("path", ["/nothing", "/security/x", "//evil.example", "/assets/x.y.css", "/%0d%0aX: y"])
def test_nobody_s_page(get: Get, path: str) -> None:
    """Who reads it is told in their language, and how to go on, a program by a problem. Neither repeats the address."""
    for language in LANGUAGES:
        page = get(path, f"rekey-lang={language}", accept="text/html,*/*;q=0.8", accept_encoding="gzip")
        assert (page.status, page.headers["Content-Language"]) == (404, language)
        assert page.headers["Content-Type"].startswith("text/html")
        assert f'<html lang="{language}">' in page.text
        assert locale(language).gettext("Page not found") in page.text
        assert 'href="/security"' in page.text
        assert "<script" not in page.text
        assert path not in page.text
        assert page.size < 2048
    for accept in ("*/*", "application/json", ""):
        problem = get(path, accept=accept)
        assert (problem.status, problem.headers["Content-Type"]) == (404, "application/problem+json")
        assert json.loads(problem.text) == errors.NotFoundError().problem()
    assert page.headers["Cache-Control"] == problem.headers["Cache-Control"] == "no-store"


def test_what_is_not_there_is_counted(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who tries many paths is seen in the metrics; a page that is there costs no line of the log."""
    counted: list[tuple[str, str]] = []
    monkeypatch.setattr("rekey.observability.count_outcome", lambda *outcome: counted.append(outcome))

    for path in ("/sign-in", "/.env", "/assets/x.y.css"):
        get(path, accept="*/*")

    assert counted == [("pages", "not_found")] * 2


def test_only_reading_finds_a_page(get: Get) -> None:
    """A page posted to is not there; a language asked for leads nowhere from an address that is no page's."""
    assert get("/security", method="POST").status == 404
    assert get("//evil.example", query={"lang": "sv"}, accept="text/html").status == 404


@pytest.mark.parametrize("parameters", [{"BrandColor": "#ffee00"}])
def test_the_icon_has_the_company_s_colour(get: Get) -> None:
    """In lines and in pixels: a keyhole that stands out from a square with round corners; small, and kept a day."""
    page = get("/sign-in")
    vector = get(re.findall(r'<link rel="icon" href="(/assets/[^"]+)" type="image/svg\+xml">', page.text)[0])
    icon = get("/favicon.ico", accept_encoding="gzip")
    pixels = pixels_of(icon.raw)

    assert '<link rel="icon" href="/favicon.ico" sizes="32x32">' in page.text
    assert vector.headers["Content-Type"] == "image/svg+xml"
    assert 'fill="#ffee00"' in vector.text
    assert 'fill="#000000"' in vector.text
    assert (icon.status, icon.headers["Content-Type"]) == (200, "image/png")
    assert "Content-Encoding" not in icon.headers
    assert icon.headers["Cache-Control"] == "public, max-age=86400"
    assert len(icon.raw) < 1024
    assert pixels[0][:4] == bytes(4)
    assert pixels[16][4 * 4 : 4 * 5] == b"\xff\xee\x00\xff"
    assert pixels[12][4 * 16 : 4 * 17] == b"\x00\x00\x00\xff"
    again = get("/favicon.ico", if_none_match=icon.headers["ETag"])
    assert (again.status, again.text) == (304, "")


def pixels_of(png: bytes) -> list[bytes]:
    """The rows of a PNG of 32 by 32 pixels, four bytes each, unfiltered; each of its chunks is whole."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert int.from_bytes(png[at + 8 + size : at + 12 + size]) == zlib.crc32(kind + data)
        chunks[kind], at = data, at + 12 + size
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == 32 * (1 + 4 * 32)
    return [rows[start + 1 : start + 129] for start in range(0, len(rows), 129)]


def test_no_caller_fills_the_memory(get: Get) -> None:
    """However many places to go on to are asked for, no more pages are kept than a bound says."""
    for number in range(MOST_PAGES + 50):
        assert get("/forgot", query={"next": f"/security/{number}"}, accept_encoding="gzip").status == 200

    gc.collect()  # what other tests left behind
    assert sum(isinstance(each, File) for each in gc.get_objects()) <= MOST_PAGES + len([*ASSETS.iterdir()])


def test_where_password_managers_look(get: Get) -> None:
    """The well-known address leads to the page that changes a password, and the bare origin to the account."""
    assert get("/.well-known/change-password").headers["Location"] == "/security/password"
    assert get("/").headers["Location"] == "/security"


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("/sign-in", ["username", "current-password", "one-time-code", "off"]),
        ("/sign-up", ["username"]),
        ("/sign-up/complete", ["new-password", "new-password"]),
        ("/reset", ["new-password", "new-password"]),
        ("/security/password", ["username", "current-password", "new-password", "new-password"]),
    ],
)
def test_fields_say_what_they_are(get: Get, path: str, tokens: list[str]) -> None:
    """A password manager finds each field by WHATWG's name for it; nothing can be sent before the script is there."""
    page = get(path).text

    assert re.findall(r'autocomplete="([^"]+)"', page) == tokens
    assert re.findall(r"<form(?![^>]*method=\"post\")", page) == []
    assert len(re.findall(r"<button class=\"\w+\" disabled", page)) == page.count("<form")


@pytest.mark.parametrize("parameters", [{"PasswordRule": "commerce"}, {"PasswordRule": "nist"}, {}])
def test_the_rule_is_the_api_s_own(get: Get, stack: Stack) -> None:
    """The page shows the parts of the chosen rule, as the table that judges passwords has them."""
    shortest, rule = password_presets.RULES[stack.template.parameters["PasswordRule"]]
    page = get("/reset").text

    assert re.findall(r'data-requirement="(\w+)"', page) == list(rule)
    assert f'data-shortest="{shortest}"' in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("parameters", "shown"),
    [({}, "30 days 30 dagar 30 jours"), ({"DeviceTrust": "1"}, "1 day 1 dag 1 jour"), ({"DeviceTrust": "0"}, "")],
)
def test_for_how_long_a_device_is_remembered(get: Get, language: str, shown: str) -> None:
    """Each form for a code asks it, unticked, with the days that the team has set; neither does for none."""
    page = get("/sign-in", f"rekey-lang={language}").text
    boxes = re.findall(
        r'<input type="checkbox" id="(\w+)" name="remember_device">\s*<label for="(\w+)">(.*?)</label>', page
    )
    said = shown.split()[2 * LANGUAGES.index(language) :][:2]

    assert len(boxes) == page.count("remember_device") == (2 if shown else 0)
    assert all(box == label for box, label, _ in boxes)
    assert all(re.findall(r"\d+ \w+", text) == [" ".join(said)] for _, _, text in boxes)


@pytest.mark.parametrize("path", pages.PAGES)
def test_the_browser_s_tour_stops_at_the_page(path: str) -> None:
    """Each page is seen in Chromium: held here, by reading, for those who have none."""
    calls = [
        each
        for tour in TOURS
        for each in ast.walk(ast.parse(tour.read_text()))
        if isinstance(each, ast.Call) and each.args
    ]
    visits = [each for each in calls if isinstance(each.func, ast.Attribute) and each.func.attr in {"open", "arrive"}]
    visited = {each.args[0].value for each in visits if isinstance(each.args[0], ast.Constant)}

    assert path in visited, f"nobody opens {path} in tests/browser/tour*.py: walk there, and yield each state of it"


def test_the_browser_s_tour_fills_every_field(get: Get) -> None:
    """Each field is typed into in Chromium, and so each form is sent: held here in the same way."""
    shown = set(re.findall(r'<input id="(\w+)"(?![^>]* hidden)', "".join(get(path).text for path in pages.PAGES)))
    calls = [each for tour in TOURS for each in ast.walk(ast.parse(tour.read_text())) if isinstance(each, ast.Call)]
    fills = [each for each in calls if isinstance(each.func, ast.Attribute) and each.func.attr in {"submit", "fill"}]
    untouched = shown - {keyword.arg for each in fills for keyword in each.keywords}

    assert "proof_off" in shown
    assert not untouched, f"nobody fills in {untouched} in tests/browser/tour*.py: do, and yield each state of it"


def test_scripts_import_what_there_is() -> None:
    """A name that a module does not export would stop the whole page, in a browser only."""
    scripts = {each.name: each.read_text() for each in ASSETS.glob("*.js")}
    exported = {
        (name, each)
        for name, script in scripts.items()
        for names in re.findall(r"export (?:async )?(?:function|const|class) (\w+)|export \{ (.*?) \}", script)
        for each in re.split(", ", "".join(names))
    }
    imported = {
        (module, each)
        for script in scripts.values()
        for names, module in re.findall(r'import \{ (.*?) \} from "\./(.*?)"', script)
        for each in re.sub(r" as \w+", "", names).split(", ")
    }

    assert len(imported) > 30
    assert imported <= exported, imported - exported


def test_people_can_do_on_a_page_what_the_api_does() -> None:
    """Each route but those for admins and programs is named in a script: held by reading, too."""
    named = set(re.findall(r'"(/[\w/-]+)"', "".join(each.read_text() for each in ASSETS.glob("*.js"))))
    for_programs = {
        "POST /oauth/revoke",
        "POST /oauth/introspect/client",
        "GET /oauth/userinfo",
        "POST /oauth/userinfo",
    }
    routes = openapi.routes().items()
    for_programs |= {key for key, _ in routes if key.startswith("GET /.well-known/")}
    for_people = {key for key, (_, each) in routes if errors.IamRequiredError not in each.refuses}
    lost = {key for key in for_people - for_programs if key.split()[1] not in named}

    assert not lost, f"{lost}: call it in a script of web/assets, or say here that it is for programs"


def test_the_security_page_shows_what_the_owner_may_see() -> None:
    """Each member of `GET /account` is read there, and nothing that it does not have. The id tells a person nothing."""
    read = set(re.findall(r"(?<!\w\.)\baccount\.(\w+)", (ASSETS / "security.js").read_text()))
    apart = read ^ ({*AccountState.__struct_fields__} - {"account_id"})

    assert not apart, f"{apart}: functions/account.py and web/assets/security.js differ"


def test_no_text_of_the_scripts_stands_twice() -> None:
    """Of two with one name, the template would keep the later without a word."""
    names = re.findall(r'^  "([^"]+)": _\(', (ROOT / "web/pages/texts.html").read_text(), re.MULTILINE)

    assert len(names) > 40
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_what_its_owner_should_look_at_comes_first(get: Get) -> None:
    """The security page knows the types that its entry says so of."""
    found = re.search(r'id="notable" data-types="([^"]+)"', get("/security").text)

    assert found
    assert {*found[1].split()} == {kind for kind, entry in EVENT_TYPES.items() if entry.notable}
    assert {"recovery_code.used", "totp.disabled", "password.reset", "refresh.reused", "code.reused"} == {
        *found[1].split()
    }


def test_every_refusal_has_its_words(get: Get) -> None:
    """Each code that a page's calls may be refused with has a text on the page."""
    held = set(re.findall(r'data-text="([^"]+)"', get("/sign-in").text))
    for_other_callers = {"malformed_body", "body_too_large", "unsupported_media_type", "unsupported_grant_type"}
    for_other_callers |= {
        "iam_required",
        "not_found",
        "account_not_found",
        "client_not_found",
        "signing_key_not_found",
        "signing_keys_turning",
        "insufficient_scope",
        "invalid_client",
        "invalid_scope",
        "client_exists",
        "client_without_secret",
        "account_not_disabled",
        "mail_stopped",
        "mail_not_stopped",
    }
    acted_upon = {  # each leads somewhere else, or is said field by field
        *("authentication_required", "access_token_invalid", "token_invalid", "reauthentication_required"),
        *("invalid_grant", "invalid_request"),
        *("validation_failed", "weak_password", "same_password"),
        *("sign_in_required", "second_factor_required", "consent_required", "confirmation_required"),
        *("client_unknown", "redirect_uri_invalid"),
    }
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}

    assert codes - held - for_other_callers - acted_upon == set()


def test_scripts_wait_for_no_other_refusal() -> None:
    """Each code that a script acts upon is one that the API has, or a page's own for what came from no flow."""
    scripts = "".join(each.read_text() for each in ASSETS.glob("*.js"))
    sets = "".join(re.findall(r"= new Set\(\[(.*?)\]\)", scripts))
    awaited = set(re.findall(r"\"(\w+)\"", sets)) | set(re.findall(r"problem\.code [!=]== \"(\w+)\"", scripts))
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}

    assert {"access_token_invalid", "invalid_grant"} <= awaited <= codes | {"network"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_its_words(get: Get, language: str) -> None:
    """Each type of event has the words on the page that its entry has for it, in the person's language."""
    held = dict(re.findall(r'data-text="event\.([^"]+)">([^<]+)<', get("/security", f"rekey-lang={language}").text))

    of_accounts = {
        kind: entry.shown for kind, entry in EVENT_TYPES.items() if not kind.startswith(("client.", "signing_key."))
    }

    silent = [kind for kind, shown in of_accounts.items() if not shown]

    assert not silent, f"{silent}: `shown` is what the page says of it (accounts/event_types.py)"
    assert held == {kind: locale(language).gettext(shown) for kind, shown in of_accounts.items()}


def test_every_way_of_signing_in_has_its_words(get: Get) -> None:
    """Each method that a session is begun by has a text on the page."""
    held = set(re.findall(r'data-text="amr\.([^"]+)"', get("/security").text))
    sources = [*(ROOT / "functions").glob("*.py"), *(ROOT / "layers/common/rekey").rglob("*.py")]
    begun = {method for each in sources for method in re.findall(r'"(pwd[\w -]*)"', each.read_text())}

    assert "pwd device" in begun
    assert held == begun


def test_every_fault_of_a_field_has_its_words(get: Get) -> None:
    """Each code by which a field of a page can be refused has a text on the page."""
    held = set(re.findall(r'data-text="([^"]+)"', get("/sign-in").text))
    codes = {code for refusal in openapi_refusals.input_errors() for code in openapi_refusals.field_codes(refusal)}
    for_other_callers = {"unknown", "not_allowed", "ambiguous", "not_an_object"}

    assert for_other_callers < codes
    assert codes - held == for_other_callers, "web/pages/texts.html says each, then make texts"


def test_every_part_of_a_rule_is_said_and_looked_for() -> None:
    """Each part of a rule is a code of its refusal, has its words beside the field, and is looked for on the page."""
    parts = {code for _, rule in password_presets.RULES.values() for code in rule}
    said = set(re.findall(r'if code == "(\w+)"', (ROOT / "web/pages/fields.html").read_text()))
    looked_for = set(re.findall(r"^  (\w+): \(password\)", (ROOT / "web/assets/rules.js").read_text(), re.MULTILINE))

    assert parts <= {*openapi_refusals.field_codes(errors.WeakPasswordError)}
    assert said == parts, "web/pages/fields.html, then make texts"
    assert looked_for == parts, "web/assets/rules.js"


@pytest.mark.parametrize("accent", ["#1d4ed8", "#ffff00", "#000000", "#ffffff", "#7f7f7f", "#ff0000"])
def test_any_colour_can_be_read(accent: str) -> None:
    """Whatever the company's colour, text on it and links in it keep a contrast of 4.5 to 1, by day and by night."""
    sheet = brand.style(accent)
    by_day, by_night = re.findall(r"--link:(#\w{6})", sheet)
    (on_accent,) = re.findall(r"--on-accent:(#\w{6})", sheet)

    assert brand._contrast(accent, on_accent) >= 4.5
    assert brand._contrast(by_day, brand.DAY) >= 4.5
    assert brand._contrast(by_night, brand.NIGHT) >= 4.5


def test_no_sdk_is_loaded() -> None:
    """The function that serves pages cannot so much as make a call of AWS."""
    code = "import sys, pages; sys.exit(bool({'botocore', 'rekey.aws.sdk', 'zxcvbn_rs_py', 'argon2'} & {*sys.modules}))"

    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "functions:layers/common"}, cwd=ROOT, check=True)
