"""The schemas of docs/openapi.json: bodies and answers as msgspec has them, in a form that generators of clients take.

- A field that may be left out has no default, for which openapi-typescript would require it, and no `null`.
- An answer's field is always there, unless it may be unset, or its class omits defaults.
- What the hosted pages keep in cookies, every other client has to send.
- One of two fields is one of two schemas: a union in every language.
- Limits that the code judges after decoding are added from where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from rekey.api import cookies, fields
from rekey.api.http import Form, Json, Query
from rekey.credentials import password_presets, recovery_codes, totp
from rekey.sessions import tokens

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"


def components(bodies: list[type[Json | Form]], answers: list[type[msgspec.Struct]]) -> dict[str, Schema]:
    """Each schema by its name."""
    _, drawn = msgspec.json.schema_components([*bodies, *answers], ref_template=REFERENCE + "{name}")
    by_name = {kind.__name__: kind for kind in bodies}
    omitting = {kind.__name__ for kind in answers if kind.__struct_config__.omit_defaults}
    unset = {kind.__name__: _may_be_unset(kind) for kind in answers}
    found: dict[str, Schema] = {}
    for name, schema in drawn.items():
        if name in by_name:
            found |= _body(name, schema, getattr(by_name[name], "one_of", ()))
        else:
            found[name] = _answer(schema, unset.get(name, set()), omits_defaults=name in omitting)
    return found


def _may_be_unset(answer: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(answer) if field.default is msgspec.UNSET}


def parameters(query: type[Query]) -> list[Schema]:
    """Of a query, which knows no `null` either."""
    _, drawn = msgspec.json.schema_components([query])
    schema = drawn[query.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema["required"], "schema": _plain(_not_null(field))}
        for name, field in schema["properties"].items()
    ]


def reference(name: str) -> Schema:
    return {"$ref": REFERENCE + name}


def name_of(referring: Schema) -> str:
    return str(referring["$ref"].removeprefix(REFERENCE))


def fields_of(schemas: dict[str, Schema], name: str) -> tuple[dict[str, Schema], set[str]]:
    """The fields of a body, and which it always needs: of alternatives all fields, and what they share."""
    schema = schemas[name]
    if "oneOf" not in schema:
        return schema["properties"], {*schema["required"]}
    each = [fields_of(schemas, name_of(variant)) for variant in schema["oneOf"]]
    properties = {name: field for named, _ in each for name, field in named.items()}
    return properties, set.intersection(*(required for _, required in each))


def _body(name: str, schema: Schema, one_of: tuple[str, ...]) -> dict[str, Schema]:
    """A body's schema; of one with alternatives, each of them too."""
    properties = {field: _plain(_not_null(each)) for field, each in schema["properties"].items()}
    required = [field for field in properties if field in schema["required"] or field in cookies.FIELDS]
    body = {**schema, "properties": properties, "required": required}
    if not one_of:
        return {name: body}
    variants = {f"{name}By{_pascal(chosen)}": _variant(body, chosen, one_of) for chosen in one_of}
    return {name: {"title": name, "oneOf": [reference(variant) for variant in variants]}, **variants}


def _variant(body: Schema, chosen: str, one_of: tuple[str, ...]) -> Schema:
    properties = {field: each for field, each in body["properties"].items() if field == chosen or field not in one_of}
    required = [field for field in properties if field == chosen or field in body["required"]]
    return {**body, "title": f"{body['title']}By{_pascal(chosen)}", "properties": properties, "required": required}


def _answer(schema: Schema, unset: set[str], *, omits_defaults: bool) -> Schema:
    properties = schema["properties"]
    if not omits_defaults:
        required = [name for name in properties if name not in unset]
        return {**schema, "properties": {n: _plain(each) for n, each in properties.items()}, "required": required}
    return {**schema, "properties": {n: _plain(_not_null(each)) for n, each in properties.items()}}


def _not_null(schema: Schema) -> Schema:
    """Without `null`, where that stands for a field that is left out."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def _plain(schema: Schema) -> Schema:
    """Without a default, with the type of an enumeration, and with the limits of the field it is."""
    plain = {key: each for key, each in schema.items() if key != "default"}
    if "anyOf" in plain:
        plain["anyOf"] = [_plain(each) for each in plain["anyOf"]]
    if "enum" in plain:
        plain |= choice(plain.pop("enum"))
    return plain | _LIMITS.get(plain.get("description", ""), {})


def choice(values: Sequence[str | bool]) -> Schema:
    """An enumeration: one value is a constant, which openapi-python-client takes of any type."""
    kind = "boolean" if isinstance(values[0], bool) else "string"
    return {"type": kind, **({"const": values[0]} if len(values) == 1 else {"enum": [*values]})}


def _pascal(name: str) -> str:
    return name.title().replace("_", "")


def _described(field: Any) -> str:
    """What the schema of a field says of itself: by that it is found again."""
    return str(field.__metadata__[0].description)


_TOKENS = (fields.MailedToken, fields.ChallengeToken, fields.AccessToken, fields.RefreshToken)
_SHORTEST = min(shortest for shortest, _ in password_presets.RULES.values())  # of whichever rule a stack has
_LIMITS: dict[str, Schema] = {
    **{_described(each): {"pattern": f"^{tokens.FORM.pattern}$"} for each in _TOKENS},
    _described(fields.NewPassword): {"minLength": _SHORTEST, "maxLength": password_presets.LONGEST},
    _described(fields.Code): {"pattern": f"^ *([0-9] *){{{totp.DIGITS}}}$"},
    _described(fields.RecoveryCode): {"minLength": recovery_codes.LENGTH},
}
