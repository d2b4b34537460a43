"""docs/api.md, drawn from the routes, the pages and their schemas: `make documents` writes, a test compares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from local import openapi
from local.api_fields import answer, body, names_of, query
from local.openapi_refusals import EVERYWHERE, WITH_BODY
from local.template import ROOT, load_template
from rekey.api.errors import AuthenticationRequiredError, IamRequiredError
from rekey.api.http import Route

PAGE = ROOT / "docs/api.md"
SIX_FLOWS = (
    "POST /change",
    "POST /forgot",
    "POST /reset",
    "POST /totp/setup",
    "POST /totp/verify",
    "POST /revoke-tokens",
)
# What pages serves besides pages.
OTHERS = {
    "GET /assets/{name}": "Styles and scripts. A new version has a new name, so browsers keep them",
    "GET /favicon.ico": "The icon of the pages",
    "HEAD /": "The headers of `GET /`",
    "HEAD /{proxy+}": "The headers of any page",
    "GET /{proxy+}": "Every other path: 404, as a page or as `not_found`",
    "POST /{proxy+}": "Every other path: 404 `not_found`",
}
HEAD = """# API

Every call of Rekey, drawn from the code by `make documents`. [openapi.json](openapi.json) has the same for programs.
Generators of clients take it: openapi-typescript and openapi-python-client are tested. While `make run` runs,
`/_local/api` has a form for each call.

- Bodies and answers are JSON. The calls under `/oauth` take a form (`application/x-www-form-urlencoded`).
- A JSON body has no fields but those named here. A field with a question mark is optional.
- Where a call needs an access token, send it as `Authorization: Bearer …`.
- Where a call needs a signature, use AWS Signature Version 4 and the service `execute-api`.
- HEAD has the headers of GET.
- Times are ISO 8601 in UTC. Durations are seconds.
- A refusal is `application/problem+json` with a stable `code`. [Errors](errors.md) says what to do about each.
- Every call can be refused with EVERYWHERE.
- A call that takes JSON can be refused with WITH_BODY.
- API Gateway itself answers 429 above its rate limit, and 403 if a signature is missing. These answers have a
  `message` and no `code`.
"""


def document() -> str:
    """The page: what there is at a glance, then each call in full."""
    declared = {key: route for key, (_, route) in openapi.routes().items()}
    signed = [key for key, route in declared.items() if IamRequiredError in route.refuses]
    others = sorted((key for key in declared if key not in {*SIX_FLOWS, *signed}), key=lambda key: "/oauth/" in key)
    return "\n".join(
        [
            HEAD.replace("EVERYWHERE", _codes(EVERYWHERE)).replace("WITH_BODY", _codes(WITH_BODY)),
            "## The six flows",
            calls_table(SIX_FLOWS),
            "## Sign-up, sign-in, account and tokens",
            calls_table(others),
            "## For admins and services",
            calls_table(signed),
            "## Pages",
            pages_table(),
            *(part for tag in openapi.TAGS for part in _group(tag, declared)),
        ]
    )


def calls_table(keys: Iterable[str]) -> str:
    """A row a call: what it does, what its body has, what it answers."""
    rows = ["| call | does | body | answer |", "| --- | --- | --- | --- |"]
    for key in keys:
        _, route = openapi.routes()[key]
        summary, _ = openapi.told(route)
        rows.append(
            f"| [`{key}`](#{_anchor(key)}) | {summary} | {names_of(route)} | {answer(route, at_a_glance=True)} |"
        )
    return "\n".join(rows) + "\n"


def pages_table() -> str:
    """A row a hosted page: its title, or where it leads."""
    import pages

    rows = ["| page | |", "| --- | --- |"]
    for key in (key for key, function in load_template().routes().items() if function == "pages"):
        path = key.split()[1]
        if path in pages.PAGES:
            rows.append(f"| `{key}` | {_title(pages.PAGES[path])} |")
        elif path in pages.REDIRECTS:
            rows.append(f"| `{key}` | Leads to `{pages.REDIRECTS[path]}` |")
        else:
            rows.append(f"| `{key}` | {OTHERS[key]} |")
    return "\n".join(rows) + "\n"


def _title(page: str) -> str:
    found = re.search(r'block title %}{{ _\("(.+?)"\)', (ROOT / f"web/pages/{page}.html").read_text())
    assert found, f"web/pages/{page}.html has no title"
    return found[1]


def _group(tag: str, declared: dict[str, Route]) -> Iterator[str]:
    yield f"## {tag}\n{openapi.TAGS[tag][0]}.\n"
    for key, route in declared.items():
        if openapi.tag(key) == tag:
            yield from _call(key, route)


def _call(key: str, route: Route) -> Iterator[str]:
    summary, more = openapi.told(route)
    yield f"### `{key}`\n{summary}. {more}".rstrip() + "\n"
    if need := _need(route):
        yield need + "\n"
    if route.query:
        yield query(route.query)
    if route.body:
        yield body(route)
    yield f"Answer: {answer(route)}.\n"
    yield f"Refused with: {_codes(route.refuses)}.\n"


def _need(route: Route) -> str:
    if IamRequiredError in route.refuses:
        return "Needs a signature with IAM credentials."
    return "Needs an access token." if AuthenticationRequiredError in route.refuses else ""


def _codes(refusals: Iterable[Any]) -> str:
    ordered = sorted(refusals, key=lambda each: (each.status, each.code))
    return ", ".join(f"`{each.code}` ({int(each.status)})" for each in ordered)


def _anchor(key: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w -]", "", key.lower()).replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
