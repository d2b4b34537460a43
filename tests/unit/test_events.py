"""Security events: the rows, and who calls."""

import re

import pytest

from rekey import ids
from rekey.accounts import event_members, event_types, events, keys
from rekey.accounts.event_types import EVENT_TYPES
from rekey.api import fields
from rekey.api.client import Client
from rekey.aws.store import Row, from_item
from tests.stack import Clock


def record(kind: str = event_types.PASSWORD_CHANGED, **detail: object) -> Row:
    client = Client("192.0.2.77", "tests")
    write = events.recording(keys.account(ids.new_id()), kind, email="alice@example.com", client=client, **detail)
    assert write["Put"]["TableName"] == "EventsTable"
    return from_item(write["Put"]["Item"])


@pytest.mark.usefixtures("stack")
def test_row(frozen: Clock) -> None:
    """An event says what happened, when, to whom and from where, and falls to TTL when its life is over."""
    event = record(event_types.LOCKED, factor="code")

    assert event["sk"] == f"event#{event['event_id']}"
    assert event["pk"].startswith("account#")
    assert (event["type"], event["at"], event["email"]) == ("sign_in.locked", frozen.now, "alice@example.com")
    assert (event["client"], event["client_address"], event["factor"]) == ("tests", "192.0.2.0/24", "code")
    assert event["expires_at"] > frozen.now


@pytest.mark.usefixtures("stack")
def test_absent_detail_is_left_out() -> None:
    """A detail that is not known is no attribute."""
    assert "locale" not in record(event_types.SIGN_UP_REQUESTED, locale=None)


@pytest.mark.usefixtures("stack")
def test_never_over_another() -> None:
    """An event is only ever added."""
    client = Client("192.0.2.77")
    write = events.recording(keys.account("a"), event_types.SIGNED_IN, email="alice@example.com", client=client)

    assert write["Put"]["ConditionExpression"] == "attribute_not_exists(pk)"


def test_names() -> None:
    """Names are a noun and what happened to it, each of one constant: listeners on EventBridge rely on them."""
    constants = {name: value for name, value in vars(event_types).items() if name.isupper() and name[0] != "_"}

    assert [value for value in constants.values() if isinstance(value, str)] == [*EVENT_TYPES]
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", kind) for kind in EVENT_TYPES)


def test_a_language_has_one_form() -> None:
    """What a request may name as its language is what an event may hold."""
    assert event_members._LOCALE["pattern"] == fields.LANGUAGE_TAG


EDGE = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("curl/8.1", "curl/8.1"),
        (EDGE, EDGE),
        ("a\r\nBcc: b\0\x1b[31m\u202e\u200b", "aBcc: b[31m"),
        ("x" * 5000, "x" * 200),
        ("", ""),
    ],
)
def test_client_names_itself(agent: str, name: str) -> None:
    """The name a program gives itself is printable and short."""
    assert Client("192.0.2.1", agent).name == name
