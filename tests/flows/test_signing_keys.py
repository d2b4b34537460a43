"""The keys that sign for applications turn in good time, or at once, and whatever breaks off goes on."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from rekey.oauth import access_jwts, jwt, key_turns, made_keys, signing_keys
from rekey.settings import settings
from tests.actors import ADMIN
from tests.calls import meanwhile, recording
from tests.faults.network import CRASH_AFTER, network
from tests.scenarios.signing_keys import ROTATE, rotate
from tests.stack import Answer, Clock, Stack

GATEWAY = 7200  # seconds that API Gateway's own authorizer keeps a key


def states(answer: Answer) -> dict[str, str]:
    assert answer.status == 200, answer
    return {key["kid"]: key["state"] for key in answer.json["signing_keys"]}


def listed(stack: Stack) -> dict[str, str]:
    return states(stack.call("POST /admin/signing-keys/list", caller=ADMIN))


def published(stack: Stack) -> list[str]:
    """As an environment that has just started tells it."""
    signing_keys.forget()
    return [key["kid"] for key in stack.call("GET /.well-known/jwks.json").json["keys"]]


def made() -> list[str]:
    """Every key that was made in KMS, and works."""
    return [kid for kid in made_keys.find_spare([]) if kid != settings().signing_key]


def state_in_kms(kid: str) -> str:
    return str(boto3.client("kms").describe_key(KeyId=kid)["KeyMetadata"]["KeyState"])


def kid_of_a_token() -> str:
    session = {"epoch": 1, "authenticated_at": 1, "method": "pwd", "session_id": "1" * 28}
    token = access_jwts.sign("https://a.example", "shop", "0" * 28, session, ["orders"], [], 1, 2, "one")
    assert jwt.verify(token, "at+jwt")
    return signing_keys.current()


def test_a_turn(stack: Stack, frozen: Clock) -> None:
    """Two hours and more before it signs a new key is published; the old one is, as long after. No one touches it."""
    old = settings().signing_key
    new = next(kid for kid, state in states(rotate(stack)).items() if state == "next")
    assert published(stack) == [old, new]
    assert kid_of_a_token() == old

    frozen.advance(key_turns.LEAD - 1)
    assert listed(stack) == {old: "current", new: "next"}
    frozen.advance(1)
    assert listed(stack) == {old: "retired", new: "current"}
    assert kid_of_a_token() == new
    assert published(stack) == [old, new]

    frozen.advance(key_turns.TAIL - 1)
    assert published(stack) == [old, new]
    frozen.advance(1)
    assert published(stack) == [new]
    assert listed(stack) == {old: "ended", new: "current"}


def test_every_cache_has_met_a_key_before_it_signs() -> None:
    """An environment keeps the row, HTTP's caches its answer, and a gateway the key."""
    import discovery

    kept = signing_keys.KEPT + int(discovery.jwks.caching.rpartition("=")[2])
    assert kept + GATEWAY <= key_turns.LEAD
    assert key_turns.LEAD >= 2 * 3600 + 15 * 60
    assert key_turns.TAIL >= GATEWAY + access_jwts.LONGEST_LIFE


@pytest.mark.parametrize("ahead", [0, key_turns.LEAD, key_turns.LEAD + key_turns.TAIL - 1])
def test_a_turn_that_comes_too_early(stack: Stack, frozen: Clock, ahead: int) -> None:
    """It is told when; and no key is made."""
    rotate(stack)
    over = frozen.now + key_turns.LEAD + key_turns.TAIL
    frozen.advance(ahead)

    with recording() as calls:
        answer = rotate(stack)

    assert (answer.status, answer.code) == (409, "signing_keys_turning")
    assert answer.headers["Retry-After"] == str(over - frozen.now)
    assert answer.json["until"].endswith("Z")
    assert [call.operation for call in calls] == ["GetItem"]
    frozen.advance(over - frozen.now)
    assert rotate(stack).status == 200


def test_turn_upon_turn(stack: Stack, frozen: Clock) -> None:
    """What has ended leaves the row and KMS, so a key costs nothing once it is out of use."""
    first = settings().signing_key
    kids = [first]
    for _ in range(3):
        kids += [kid for kid in states(rotate(stack)) if kid not in kids]
        frozen.advance(key_turns.LEAD + key_turns.TAIL)

    assert listed(stack) == {kids[2]: "ended", kids[3]: "current"}
    rotate(stack)
    assert [state_in_kms(kid) for kid in kids] == ["Disabled", "PendingDeletion", "PendingDeletion", "Enabled"]


def test_a_call_that_broke_off_goes_on(stack: Stack) -> None:
    """Made, and not entered: it is seen, it is used, and no second one is made."""
    with network("CreateKey", CRASH_AFTER), pytest.raises(SystemExit):
        rotate(stack)
    (lost,) = made()
    assert listed(stack) == {settings().signing_key: "current", lost: "spare"}

    assert states(rotate(stack)) == {settings().signing_key: "current", lost: "next"}
    assert made() == [lost]


def test_a_key_of_another_stack_is_none_of_ours(stack: Stack) -> None:
    """Nor is one that is soon deleted."""
    kms = boto3.client("kms")
    spec: Any = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}
    kms.create_key(**spec, Tags=[{"TagKey": made_keys.TAG, "TagValue": "arn:another"}])
    kms.create_key(**spec)
    kms.schedule_key_deletion(KeyId=made_keys.make())

    assert listed(stack) == {settings().signing_key: "current"}


def test_of_two_turns_at_once_one_is_made(stack: Stack) -> None:
    """The other one's key is not lost: the next turn uses it."""
    with meanwhile("TransactWriteItems", lambda: rotate(stack)):
        answer = rotate(stack)

    assert (answer.status, answer.code) == (409, "conflict")
    assert sorted(listed(stack).values()) == ["current", "next"]  # both had found the same one


def test_two_keys_at_once(stack: Stack, frozen: Clock) -> None:
    with meanwhile("CreateKey", lambda: rotate(stack)):
        assert rotate(stack).code == "conflict"
    (spare,) = (kid for kid, state in listed(stack).items() if state == "spare")

    frozen.advance(key_turns.LEAD + key_turns.TAIL)

    assert states(rotate(stack))[spare] == "next"


def test_a_leak(stack: Stack) -> None:
    """The key that leaked is out of use at once: in JWKS, for us, and in KMS for whoever has got at it."""
    old = settings().signing_key
    assert kid_of_a_token() == old

    answer = rotate(stack, leaked=old)

    (new,) = (kid for kid, state in states(answer).items() if state == "current")
    assert states(answer) == {old: "ended", new: "current"}
    assert state_in_kms(old) == "Disabled"
    assert kid_of_a_token() == new  # also in an environment that has the old one in mind
    assert published(stack) == [new]


def test_a_leak_while_a_turn_is_under_way(stack: Stack) -> None:
    """The next key comes early, and no other is made."""
    old = settings().signing_key
    (new,) = (kid for kid, state in states(rotate(stack)).items() if state == "next")

    assert states(rotate(stack, leaked=old)) == {old: "ended", new: "current"}
    assert kid_of_a_token() == new
    assert made() == [new]


def test_a_leak_of_the_next_key(stack: Stack, frozen: Clock) -> None:
    """The old one then stays, however long ago it was to go."""
    old = settings().signing_key
    (new,) = (kid for kid, state in states(rotate(stack)).items() if state == "next")

    assert states(rotate(stack, leaked=new)) == {old: "current", new: "ended"}
    assert state_in_kms(new) == "PendingDeletion"
    frozen.advance(key_turns.LEAD + key_turns.TAIL)
    assert published(stack) == [old]
    assert kid_of_a_token() == old


def test_a_leak_of_a_retired_key(stack: Stack, frozen: Clock) -> None:
    old = settings().signing_key
    (new,) = (kid for kid, state in states(rotate(stack)).items() if state == "next")
    frozen.advance(key_turns.LEAD)

    assert states(rotate(stack, leaked=old)) == {old: "ended", new: "current"}
    assert published(stack) == [new]


def test_a_leak_that_broke_off_goes_on(stack: Stack) -> None:
    """Before KMS ended the key: the call is repeated, and the key that came after it stays."""
    old = settings().signing_key
    with network("DisableKey", "crash-before"), pytest.raises(SystemExit):
        rotate(stack, leaked=old)
    before = listed(stack)
    assert state_in_kms(old) == "Enabled"

    assert states(rotate(stack, leaked=old)) == before
    assert state_in_kms(old) == "Disabled"
    assert states(rotate(stack, leaked=old)) == before  # and once more
    assert len(stack.rows("EventsTable")) == 1


def test_a_key_that_ended_is_never_a_spare_one(stack: Stack, frozen: Clock) -> None:
    """Though it broke off before KMS ended it: it stands in the row for as long."""
    rotate(stack)
    frozen.advance(key_turns.LEAD + key_turns.TAIL)
    (current,) = made()
    with network("ScheduleKeyDeletion", "crash-before"), pytest.raises(SystemExit):
        rotate(stack, leaked=current)

    assert listed(stack)[current] == "ended"
    rotate(stack)
    assert state_in_kms(current) == "PendingDeletion"
    assert current not in published(stack)


def test_an_event_tells_which(stack: Stack) -> None:
    """Whoever guards an API hears of it, and who did it is kept."""
    old = settings().signing_key
    rotate(stack)
    rotate(stack, leaked=old)

    stack.deliver()
    rows = [row for row in stack.rows("EventsTable") if row["type"]["S"] == "signing_key.rotated"]

    assert [row["cause"]["S"] for row in sorted(rows, key=lambda row: row["sk"]["S"])] == ["turn", "leak"]
    assert {row["retired_kid"]["S"] for row in rows} == {old}
    assert {(row["admin"]["S"], row["reason"]["S"]) for row in rows} == {(ADMIN, ROTATE["reason"])}
