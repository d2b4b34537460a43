"""Two queues in which emails wait: what an account's owner must get, and what any stranger can cause.

A letter names the event that owes an email, by its key: no secret and no address. So nothing that strangers ask for
stands in the way of an owner's email, or delays it.
"""

from __future__ import annotations

import random
from typing import Any, Literal

import msgspec

from rekey.accounts.event_types import EMAIL_VERIFICATION_REQUESTED, RESET_REQUESTED, SIGN_UP_REQUESTED
from rekey.aws import sdk
from rekey.aws.store import Row
from rekey.mail import notices
from rekey.settings import settings

Lane = Literal["owners", "strangers"]

LONGEST_DELAY = 900  # seconds: SQS takes no more
_FIRST_DELAY: dict[Lane, int] = {"owners": 5, "strangers": 30}  # seconds: where SES is short of room, owners come first


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What waits in a queue: the key of an event, and what has become of it so far."""

    pk: str
    sk: str
    counted: bool = False
    """Taken from its budget: a letter that comes again must not take twice."""
    returns: int = 0
    """How often it was put back because SES had no room."""

    @property
    def key(self) -> Row:
        return {"pk": self.pk, "sk": self.sk}


def find_lane(event: Row, account_id: str | None) -> Lane | None:
    """In which an event's email goes; None where it owes none. Anybody can ask for a sign-up, of any address."""
    if event["type"] == SIGN_UP_REQUESTED:
        return "strangers"
    owed = event["type"] in {RESET_REQUESTED, EMAIL_VERIFICATION_REQUESTED} or notices.find(event)
    return "owners" if owed and account_id else None


def post(lane: Lane, events: dict[str, Row]) -> dict[str, str]:
    """Put a letter for each event, by its id, into a queue: AWS's code for each that it took not, by the event's id."""
    letters: Any = [
        {"Id": event_id, "MessageBody": _encode(Letter(event["pk"], event["sk"]))} for event_id, event in events.items()
    ]
    answer = sdk.sqs().send_message_batch(QueueUrl=_queue(lane), Entries=letters)
    return {failed["Id"]: failed["Code"] for failed in answer.get("Failed", [])}


def put_back(lane: Lane, letter: Letter) -> None:
    """Have a letter come again after some seconds. It is a new message, so its receives are counted anew."""
    longest = min(LONGEST_DELAY, _FIRST_DELAY[lane] * 2**letter.returns)
    sdk.sqs().send_message(
        QueueUrl=_queue(lane),
        MessageBody=_encode(msgspec.structs.replace(letter, counted=True, returns=letter.returns + 1)),
        DelaySeconds=random.randint(1, longest),  # noqa: S311 - jitter, not a secret
    )


def read(body: str) -> Letter:
    """Raises msgspec.DecodeError for what is no letter."""
    return msgspec.json.decode(body, type=Letter)


def _encode(letter: Letter) -> str:
    return msgspec.json.encode(letter).decode()


def _queue(lane: Lane) -> str:
    return settings().owners_queue if lane == "owners" else settings().strangers_queue
