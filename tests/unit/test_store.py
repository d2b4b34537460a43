"""Rows and their wire form."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from rekey.aws import store

VALUES = {
    "text": "å 1",
    "empty text": "",
    "bytes": b"\x00\xff",
    "number": -34560000,
    "truth": True,
    "set": {b"\xff", b"a"},
    "list": ["b", "a"],
    "map": {"table": "T", "start": {"pk": "a", "sk": "b"}},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_row_comes_back_as_it_went(value: Any) -> None:
    """What is put in a row is read from it again, of the same type."""
    back = store.from_item(store.to_item({"name": value}))

    assert back == {"name": value}
    assert type(back["name"]) is type(value)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_wire_form_is_the_sdks(value: Any) -> None:
    """A value's wire form is what boto3's own serializer makes of it."""
    wired = store.to_item({"name": value})["name"]
    expected: Any = TypeSerializer().serialize(value)

    assert {kind: sorted(its) if kind == "BS" else its for kind, its in expected.items()} == wired


def test_absent_attributes_are_left_out() -> None:
    """None is no value: the attribute is not there."""
    assert store.to_item({"name": None}) == {}


@pytest.mark.parametrize("value", [1.5, ("a",), object()])
def test_what_no_row_holds_is_refused(value: Any) -> None:
    """A value of another type raises, naming its type and not itself."""
    with pytest.raises(TypeError, match=type(value).__name__):
        store.to_item({"name": value})
