"""What docs/openapi.json says of an answer, held against each that the tests get."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from local import openapi


def require_described(key: str, status: int, media_type: str, text: str) -> None:
    """The status is one that the call has, and the body has the form that goes with it."""
    response = _operation(key)["responses"].get(str(status))
    assert response, f"{key} answered {status}: the document has no such answer"
    content = response.get("content", {})
    assert bool(content) == bool(media_type), f"{key} answered {status} with {media_type or 'no body'}"
    if content:
        assert media_type in content, f"{key} answered {status} with {media_type}"
        wrong = best_match(_validator(key, status, media_type).iter_errors(json.loads(text)))
        assert not wrong, f"{key} answered {status}, and not as the document says, at {wrong.json_path}"


def _operation(key: str) -> dict[str, Any]:
    method, path = key.split()
    operation: dict[str, Any] = _document()["paths"][path][method.lower()]
    return operation


@cache
def _document() -> dict[str, Any]:
    return openapi.document()


@cache
def _validator(key: str, status: int, media_type: str) -> Draft202012Validator:
    schema = _operation(key)["responses"][str(status)]["content"][media_type]["schema"]
    return Draft202012Validator({**schema, "components": _document()["components"]})
