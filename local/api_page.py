"""The API page: every operation of docs/openapi.json with its fields, its refusals, and a form to try it."""

from __future__ import annotations

import html
import json

from local.frame import page
from local.openapi_schemas import Schema, fields_of, name_of
from local.template import ROOT

_METHODS = ("get", "post", "put", "patch", "delete")


def api_page() -> bytes:
    """Read anew each time, so that it shows what `make openapi` has just written."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    operations = [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    links = "".join(
        f'<li><a href="#{html.escape(operation["operationId"])}">{method.upper()} {html.escape(path)}</a></li>'
        for method, path, operation in operations
    )
    sections = "".join(_section(document, *operation) for operation in operations)
    body = f'<h1>API</h1><p class="session" id="session" role="status"></p><ul class="routes">{links}</ul>{sections}'
    return page("API", body, script="api.js")


def _section(document: Schema, method: str, path: str, operation: Schema) -> str:
    media_type, taken, required = _taken(document, operation)
    fields = "".join(_field(name, field, required=name in required) for name, field in taken.items())
    fields += "".join(
        _field(each["name"], each["schema"], required=each["required"]) for each in operation.get("parameters", [])
    )
    bearer = "yes" if operation.get("security") else ""
    return f"""<section id="{html.escape(operation["operationId"])}">
<h2><code>{method.upper()} {html.escape(path)}</code></h2>
<p>{html.escape(operation.get("summary", ""))}{" Needs a signed-in session." if bearer else ""}</p>
<form data-method="{method.upper()}" data-path="{html.escape(path)}" data-type="{media_type}" data-bearer="{bearer}">
{fields}<button>Send</button></form><output></output>
<details><summary>Answers and refusals</summary><table>{_answers(operation)}</table></details>
</section>
"""


def _taken(document: Schema, operation: Schema) -> tuple[str, dict[str, Schema], set[str]]:
    """The media type of the body, its fields, and which of them it always needs; empty where there is no body."""
    content = operation.get("requestBody", {}).get("content", {})
    for media_type, described in content.items():
        return media_type, *fields_of(document["components"]["schemas"], name_of(described["schema"]))
    return "", {}, set()


def _field(name: str, schema: Schema, *, required: bool) -> str:
    """Nothing is checked here: the refusals are there to be seen."""
    hint = html.escape(schema.get("description", "")) or "&nbsp;"
    label = f"<span>{html.escape(name)}{'' if required else ' <small>(optional)</small>'}</span>"
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        options = "".join(f"<option>{html.escape(str(choice))}</option>" for choice in choices)
        control = f'<select name="{html.escape(name)}">{"" if required else "<option></option>"}{options}</select>'
    else:
        kind = "password" if name.endswith("password") else "text"
        example = html.escape(str(schema.get("examples", [" "])[0]))
        control = (
            f'<input name="{html.escape(name)}" type="{kind}" placeholder="{example}" autocomplete="off"'
            ' spellcheck="false">'
        )
    return f"<label>{label}{control}<small>{hint}</small></label>\n"


def _answers(operation: Schema) -> str:
    """A row an answer; a refusal has a row for each of its codes."""
    rows = []
    for status, response in operation["responses"].items():
        examples = [
            (code, example["summary"])
            for described in response.get("content", {}).values()
            for code, example in described.get("examples", {}).items()
        ]
        for code, meaning in examples or [("", response["description"])]:
            rows.append(
                f"<tr><td>{html.escape(status)}</td><td><code>{html.escape(code)}</code></td>"
                f"<td>{html.escape(meaning)}</td></tr>"
            )
    return "".join(rows)
