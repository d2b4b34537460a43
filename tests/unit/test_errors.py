"""Every refusal: told apart by its code, said in a sentence, and in the API's document."""

from __future__ import annotations

import json

import pytest

from local.template import ROOT
from rekey.api import errors
from rekey.api.errors import InputError, OAuthError, RekeyError, UnauthorizedError

GROUPS = (RekeyError, InputError, UnauthorizedError, OAuthError)
REFUSALS = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, RekeyError) and each not in GROUPS
]


@pytest.fixture(scope="module")
def documented() -> set[tuple[str, str]]:
    """Status and code of each refusal that docs/openapi.json has at some route."""
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    responses = [
        each for path in paths.values() for operation in path.values() for each in operation["responses"].items()
    ]
    return {
        (status, code)
        for status, response in responses
        for content in response.get("content", {}).values()
        for code in content.get("examples", {})
    }


def test_a_code_is_of_one_refusal() -> None:
    """In either form of refusals, a code, and with it the type of a problem, means one thing (RFC 9457 §3.1.3)."""
    told = [(issubclass(each, OAuthError), each.code) for each in REFUSALS]

    assert len({*told}) == len(told) > 30


@pytest.mark.parametrize("refusal", REFUSALS)
def test_title(refusal: type[RekeyError]) -> None:
    """A refusal says what is wrong in a sentence of its own."""
    assert "title" in vars(refusal)
    assert refusal.title.endswith(".")


@pytest.mark.parametrize("refusal", [each for each in REFUSALS if each is not errors.NotFoundError])
def test_documented(refusal: type[RekeyError], documented: set[tuple[str, str]]) -> None:
    """A refusal is in the API's document, at a route; "not found" is of what is no route, as its beginning says."""
    assert (str(int(refusal.status)), refusal.code) in documented, "no route refuses with it, or run make openapi"
