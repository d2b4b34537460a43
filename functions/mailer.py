"""SQS → SES: a letter becomes the email that its event owes, with a one-time token where it has a link.

What SES has no room for goes back into its lane and comes again, as often as it takes. What fails otherwise is received
a few times; then it goes to the dead-letter queue, and an alarm goes off.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rekey import observability
from rekey.accounts import addresses, delivery, keys
from rekey.accounts.event_types import EMAIL_VERIFICATION_REQUESTED, RESET_REQUESTED, SIGN_UP_REQUESTED
from rekey.aws import store
from rekey.aws.store import Row
from rekey.languages.locale import Locale, locale
from rekey.languages.preference import choose
from rekey.limits import breaker, mail_budgets
from rekey.mail import lanes, link_issuer, mails, notices, quota, sender
from rekey.mail.lanes import Lane, Letter
from rekey.mail.link_issuer import LinkIsFreshError
from rekey.mail.mails import Mail
from rekey.settings import settings

# SES: so many emails a second, or a day. https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
_NO_ROOM = {"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"}


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = [record["messageId"] for record in event["Records"] if not _is_done(record)]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _is_done(record: dict[str, Any]) -> bool:
    """Whether the queue may delete the letter. One that failed stands in no other's way."""
    try:
        outcome = _deliver(lanes.read(record["body"]))
    except Exception as fault:  # noqa: BLE001 - whatever it was, the queue must hand this letter over again
        observability.log_fault(fault, message_id=record["messageId"])
        outcome = "fault"
    observability.count_outcome("mailer", outcome)
    return outcome != "fault"


def _deliver(letter: Letter) -> str:
    """Send what the event owes. What is counted of it: `ok`, or why nothing was sent."""
    event = store.get(settings().events_table, letter.key)
    if not event:  # it has expired, or was deleted with its account
        return "gone"
    address = store.get(settings().accounts_table, keys.address(addresses.email_digest(event["email"])))
    account_id = _owner(event, address)
    lane = lanes.find_lane(event, account_id)
    if not lane:
        return "nothing_owed"
    held_back = _held_back(event, address, account_id, letter)
    if held_back:
        return held_back
    try:
        mail = _mail(event, account_id)
    except LinkIsFreshError:
        return "link_is_fresh"
    return _send(mail, event, account_id, lane, letter) if mail else "nothing_owed"


def _held_back(event: Row, address: Row | None, account_id: str | None, letter: Letter) -> str | None:
    """Why the email must not be sent, if it must not. It is not sent later either; the event is kept."""
    if delivery.stops(address, event["type"]):
        return "stopped"
    if event["type"] == SIGN_UP_REQUESTED:
        if quota.is_nearly_met():
            return "quota_nearly_met"
        if letter.counted:
            return "lane_closed" if breaker.is_closed() else None
        return mail_budgets.take_for_stranger(event["email"])
    if account_id and notices.find(event) and not letter.counted:
        return mail_budgets.take_for_notice(account_id, event)
    return None


def _owner(event: Row, address: Row | None) -> str | None:
    """The account the event is of; None for an address that nobody has registered."""
    kind, _, owner = event["pk"].partition("#")
    return owner if kind == "account" else (address or {}).get("account_id")


def _send(mail: Mail, event: Row, account_id: str | None, lane: Lane, letter: Letter) -> str:
    try:
        sender.send(mail, event["email"], event["event_id"], lane)
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in _NO_ROOM:
            raise
        link_issuer.put_off(event, account_id)
        lanes.put_back(lane, letter)
        return "no_room"
    return "ok"


def _mail(event: Row, account_id: str | None) -> Mail | None:
    if not account_id:
        return _sign_up_mail(event)
    if event["type"] == SIGN_UP_REQUESTED:
        return mails.already_registered(_locale(event, account_id), event)
    if event["type"] == RESET_REQUESTED:
        return _reset_mail(event, account_id)
    if event["type"] == EMAIL_VERIFICATION_REQUESTED:
        return _verification_mail(event, account_id)
    told = notices.find(event)
    return mails.notice(_locale(event, account_id), event, told) if told else None


def _locale(event: Row, account_id: str) -> Locale:
    """The one that was asked for, else the one the account was made in."""
    if "locale" in event:
        return locale(choose(event["locale"]))
    account = store.get(settings().accounts_table, keys.account(account_id))
    return locale(choose(account.get("locale") if account else None))


def _sign_up_mail(event: Row) -> Mail:
    """A link to prove the address."""
    token = link_issuer.issue_link(event, None, email=event["email"], locale=event.get("locale"))
    return mails.complete_sign_up(locale(choose(event.get("locale"))), event, token)


def _reset_mail(event: Row, account_id: str) -> Mail | None:
    """A link to set a new password; none for a disabled account."""
    account = store.get(settings().accounts_table, keys.account(account_id))
    if not account or "disabled_at" in account:
        return None
    token = link_issuer.issue_link(event, account_id)
    language = event.get("locale") or account.get("locale")
    return mails.reset(locale(choose(language)), event, token)


def _verification_mail(event: Row, account_id: str) -> Mail:
    """A link to prove that mails arrive."""
    token = link_issuer.issue_link(event, account_id, email=event["email"])
    return mails.verify_email(_locale(event, account_id), event, token)
