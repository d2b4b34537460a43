"""docs/api.md and docs/errors.md are what the code says, and leave nothing out."""

from __future__ import annotations

from functools import cache

import pytest

from local import api_documents, error_documents, openapi, openapi_refusals
from local.template import load_template
from tests.unit.test_errors import REFUSALS


@pytest.mark.parametrize("documents", [api_documents, error_documents], ids=lambda each: each.PAGE.name)
def test_page_is_current(documents: object) -> None:
    """The committed page is the one drawn from the code now: `make documents` writes it."""
    assert documents.PAGE.read_text("utf-8") == documents.document(), "run make documents"  # type: ignore[attr-defined]


_page = cache(api_documents.document)


@pytest.mark.parametrize("key", load_template().routes())
def test_every_route_is_listed(key: str) -> None:
    """Each call has a row and a section of its own, and each page a row; HEAD has that of GET."""
    page = _page()

    assert f"`{key}`" in page or f"`{key.replace('HEAD', 'GET')}`" in page
    assert (f"### `{key}`\n" in page) == (key in openapi.routes())


def test_the_six_flows_come_first() -> None:
    """In the order of the template, which is that of the design."""
    assert tuple([*openapi.routes()][:6]) == api_documents.SIX_FLOWS


def test_there_is_advice_for_every_refusal() -> None:
    """And none for what is no more."""
    assert {*error_documents.ADVICE} == {*REFUSALS}, "local/error_documents.py says what to do about each"


def test_every_code_of_a_field_is_explained() -> None:
    """And none that is no more."""
    said = {code for refusal in openapi_refusals.input_errors() for code in openapi_refusals.field_codes(refusal)}

    assert {*error_documents.FIELD_CODES} == said, "local/error_documents.py says what each means"
