"""SES → SNS: what has become of a mail (delivered, bounced, called spam) is kept on the row of its address.

From a hard bounce or a complaint on, mailer holds emails back: SES closes accounts that keep on writing. What becomes
of emails to strangers is counted besides: when too many come back, their lane closes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from rekey import clock, observability
from rekey.accounts import addresses, delivery
from rekey.api.errors import ValidationFailedError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.limits import breaker

_LONGEST_DETAIL = 60  # SES's own words are shorter; a mail server's are never kept, for they may hold anything


# Nothing was sent, SES counts no bounce, and it says nothing of the mailbox: only strangers' emails meet that list, and
# a complaint about one of them must not stop a reset.
_ON_ACCOUNT_LIST = "OnAccountSuppressionList"


class Fate(NamedTuple):
    """What has become of a mail to these recipients."""

    state: str
    at: datetime
    detail: str | None
    recipients: list[str]


class _Part(msgspec.Struct, rename="camel"):
    """A part of a notification, of which only the members that count are read."""


class Mail(_Part):
    destination: list[str]
    tags: dict[str, list[str]] = {}


class Recipient(_Part):
    email_address: str


class Bounce(_Part):
    bounce_type: str
    bounce_sub_type: str
    bounced_recipients: list[Recipient]
    timestamp: datetime


class Complaint(_Part):
    complained_recipients: list[Recipient]
    timestamp: datetime
    complaint_feedback_type: str | None = None


class Delivery(_Part):
    recipients: list[str]
    timestamp: datetime


class BounceNotification(_Part, tag="Bounce", tag_field="eventType"):
    mail: Mail
    bounce: Bounce

    def fate(self) -> Fate:
        """Permanent is a hard bounce. Transient and Undetermined may pass: a full mailbox, an absence."""
        told = self.bounce
        state = delivery.BOUNCED if told.bounce_type == "Permanent" else delivery.SOFT_BOUNCED
        return Fate(
            state, told.timestamp, told.bounce_sub_type, [each.email_address for each in told.bounced_recipients]
        )


class ComplaintNotification(_Part, tag="Complaint", tag_field="eventType"):
    mail: Mail
    complaint: Complaint

    def fate(self) -> Fate:
        """`not-spam` is the opposite of a complaint: somebody took the mail out of the spam folder."""
        told = self.complaint
        state = delivery.DELIVERED if told.complaint_feedback_type == "not-spam" else delivery.COMPLAINED
        recipients = [each.email_address for each in told.complained_recipients]
        return Fate(state, told.timestamp, told.complaint_feedback_type, recipients)


class DeliveryNotification(_Part, tag="Delivery", tag_field="eventType"):
    mail: Mail
    delivery: Delivery

    def fate(self) -> Fate:
        return Fate(delivery.DELIVERED, self.delivery.timestamp, None, self.delivery.recipients)


_DECODER = msgspec.json.Decoder(BounceNotification | ComplaintNotification | DeliveryNotification)


class NotRecordedError(Exception):
    """The notification must come again. What went wrong is in the log: this text is Lambda's to print."""


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    try:
        outcomes = [outcome for record in event["Records"] for outcome in _heed(record["Sns"]["Message"])]
    except Exception as fault:  # noqa: BLE001 - whatever it was, its text may quote the notification
        observability.log_fault(fault)
        observability.count_outcome("feedback", "fault")
        raise NotRecordedError from None
    for outcome in outcomes:
        observability.count_outcome("feedback", outcome)
    return {"outcomes": outcomes}


def _heed(message: str) -> list[str]:
    """What the message led to, for each address. What is not understood never will be, so it is not tried again."""
    try:
        notification = _DECODER.decode(message)
    except msgspec.DecodeError:  # another kind of event, SNS's or SES's words that all is set up, a forgery
        return ["not_understood"]
    fate = notification.fate()
    if fate.detail == _ON_ACCOUNT_LIST:
        return ["suppressed"]
    # Whom we wrote to. A mailbox that forwards may report the address that it forwards to.
    known = {each.lower() for each in notification.mail.destination}
    recipients = [each for each in fate.recipients if each.lower() in known] or notification.mail.destination
    outcomes = [_record(recipient, fate) for recipient in recipients]
    if notification.mail.tags.get("lane") == ["strangers"] and fate.state != delivery.SOFT_BOUNCED:
        _count(bad=fate.state in delivery.STOPPING)
    return outcomes


def _count(*, bad: bool) -> None:
    """Of an email to a stranger. That the lane closes is said once an hour."""
    if breaker.record_fate(bad=bad):
        observability.count("LaneClosed", 1)
        observability.logger().warning("lane closed", extra={"lane": "strangers"})


def _record(recipient: str, fate: Fate) -> str:
    """`ignored` is good news of an address without an account, or news older than what is known."""
    at = min(int(fate.at.timestamp()), clock.now())  # a date in the future would outlast all that follows
    detail = fate.detail[:_LONGEST_DETAIL] if fate.detail else None
    try:
        store.update(delivery.recording(addresses.parse_email(recipient), fate.state, at, detail))
    except ValidationFailedError:
        return "not_understood"
    except ConditionFailedError:
        return "ignored"
    return fate.state
