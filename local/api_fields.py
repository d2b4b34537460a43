"""Of docs/api.md: the fields of a body and of an answer, in words."""

from __future__ import annotations

import json

from local import openapi
from local.openapi_schemas import Schema, fields_of, name_of, parameters
from rekey.api.http import Query, Route


def names_of(route: Route) -> str:
    """The fields of a body in a line: `email`, `locale?`; one of two with "or"."""
    if not route.body:
        return ""
    taken, required = fields_of(openapi.schemas(), route.body.__name__)
    one_of = _one_of(route)
    names = [f"`{name}`" if name in required else f"`{name}?`" for name in taken if name not in one_of]
    return ", ".join([*([" or ".join(f"`{name}`" for name in one_of)] if one_of else []), *names])


def body(route: Route) -> str:
    """The table of a body's fields."""
    assert route.body
    taken, required = fields_of(openapi.schemas(), route.body.__name__)
    rows = ["| field | needed | form | meaning |", "| --- | --- | --- | --- |"]
    for name, field in taken.items():
        need = _need(name, required, _one_of(route))
        rows.append(f"| `{name}` | {need} | {_form(field)} | {field.get('description', '')} |")
    return "\n".join(rows) + "\n"


def query(kind: type[Query]) -> str:
    """The table of what the query of a URL may have."""
    rows = ["| parameter | needed | form | meaning |", "| --- | --- | --- | --- |"]
    for each in parameters(kind):
        need, field = "yes" if each["required"] else "no", each["schema"]
        rows.append(f"| `{each['name']}` | {need} | {_form(field)} | {field.get('description', '')} |")
    return "\n".join(rows) + "\n"


def answer(route: Route, *, at_a_glance: bool = False) -> str:
    """The status and the fields of what a call answers: of each, where there are several."""
    kinds = [_fields(openapi.schemas()[kind.__name__], at_a_glance=at_a_glance) for kind in route.answers]
    return f"{int(route.status)} {'; or '.join(kinds)}".rstrip()


def _one_of(route: Route) -> tuple[str, ...]:
    return getattr(route.body, "one_of", ())


def _need(name: str, required: set[str], one_of: tuple[str, ...]) -> str:
    others = [f"`{other}`" for other in one_of if other != name]
    if name in one_of:
        return f"this or {' or '.join(others)}"
    return "yes" if name in required else "no"


def _form(field: Schema) -> str:
    if "const" in field:
        return f"`{json.dumps(field['const'])}`".replace('"', "")
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    least, most = field.get("minLength"), field.get("maxLength")
    if least and most:
        return f"{least} to {most} characters"
    return f"at least {least} characters" if least else f"at most {most} characters" if most else "text"


def _fields(schema: Schema, *, at_a_glance: bool) -> str:
    return ", ".join(
        _field(f"`{name}`" if name in schema["required"] else f"`{name}?`", field, at_a_glance=at_a_glance)
        for name, field in schema["properties"].items()
    )


def _field(told: str, field: Schema, *, at_a_glance: bool) -> str:
    """With what it holds in brackets, unless at a glance; what is always the same with its value."""
    held = next((each for each in (field, field.get("items", {}), *field.get("anyOf", ())) if "$ref" in each), None)
    if held and not at_a_glance:
        return f"{told} ({_fields(openapi.schemas()[name_of(held)], at_a_glance=False)})"
    return f"{told}: {_form(field)}" if "const" in field else told
