"""SES's mailbox simulator: what becomes of each mail is told to `feedback`, in the words of SES and SNS.

Mails to bounce@, complaint@, ooto@ and suppressionlist@simulator.amazonses.com (bounce+label@, too) come to what their
names say, as on AWS; all others are delivered.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from datetime import UTC, datetime
from email import message_from_string
from functools import partial
from typing import Any

from moto.ses.models import ses_backends

from local.lambdas import Lambdas
from local.template import ACCOUNT, REGION
from rekey import observability

POLL = 0.2  # seconds
_DOMAIN = "simulator.amazonses.com"
_BOUNCES = {
    "bounce": ("Permanent", "General"),
    "suppressionlist": ("Permanent", "Suppressed"),
    "ooto": ("Transient", "General"),
}


def run(function: str, lambdas: Lambdas, stopping: threading.Event) -> None:
    """Tell the function of every mail that moto's SES was given, in order, until the instance stops."""
    told = 0
    while not stopping.wait(POLL):
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        for mail in sent[told:]:
            told += 1
            try:
                lambdas.invoke(function, news_of(mail))
            except Exception as fault:  # noqa: BLE001 - Lambda would try again, and keep it
                observability.log_fault(fault, function=function)


def news_of(mail: Any, at: float | None = None, address: str | None = None) -> dict[str, Any]:
    """What the function is told of a mail as moto keeps it, with the tags it was sent with (local/moto_patches.py).

    Another address than its own stands for what becomes of mails to that one.
    """
    address = address or str(message_from_string(mail.raw_data)["To"])
    return sns_event(fate(address, at, {each["Name"]: [each["Value"]] for each in mail.tags}))


def fate(address: str, at: float | None = None, tags: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """SES's notification of what has become of a mail to this address, at a time or just now."""
    notify = partial(notification, address=address, at=time.time() if at is None else at, tags=tags or {})
    mailbox, _, domain = address.partition("@")
    name = mailbox.partition("+")[0] if domain == _DOMAIN else ""
    if name in _BOUNCES:
        kind, sub_kind = _BOUNCES[name]
        recipient = {
            "emailAddress": address,
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1",
        }
        return notify("Bounce", bounceType=kind, bounceSubType=sub_kind, bouncedRecipients=[recipient])
    if name == "complaint":
        recipients = [{"emailAddress": address}]
        return notify("Complaint", complainedRecipients=recipients, complaintFeedbackType="abuse")
    return notify("Delivery", recipients=[address], smtpResponse="250 OK", processingTimeMillis=400)


def notification(
    kind: str, *, address: str, at: float, tags: dict[str, list[str]] | None = None, **told: Any
) -> dict[str, Any]:
    """As SES publishes it for a configuration set: `kind` is its `eventType`."""
    timestamp = _iso(at)
    subject = {"name": "Subject", "value": "Your password was changed"}
    mail = {
        "timestamp": timestamp,
        "source": "no-reply@example.com",
        "sendingAccountId": ACCOUNT,
        "messageId": str(uuid.uuid4()),
        "destination": [address],
        "headersTruncated": False,
        "headers": [{"name": "To", "value": address}, subject],
        "commonHeaders": {"to": [address], "subject": subject["value"]},
        "tags": {"ses:configuration-set": ["MailConfiguration"], "kind": ["password-changed"], **(tags or {})},
    }
    return {"eventType": kind, "mail": mail, kind.lower(): {"timestamp": timestamp, **told}}


def sns_event(message: Any) -> dict[str, Any]:
    """As SNS hands a notification to a function."""
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:MailEvents"
    sns = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": topic,
        "Subject": "Amazon SES Email Event Notification",
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": _iso(time.time()),
        "SignatureVersion": "1",
        "MessageAttributes": {},
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": f"{topic}:1", "Sns": sns}
    return {"Records": [record]}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
