"""Mails that come back or are called spam: people who live at an address of SES's mailbox simulator."""

from __future__ import annotations

import time
from typing import Any

from tests.browser.past import begin_new_hour, find_address
from tests.browser.person import Person
from tests.local.conftest import wait_for


def stop_mails(person: Person, mailbox: str) -> int:
    """The person signs up at `bounce` or `complaint`, and a mail there comes to what that says: when, in seconds."""
    person.email = f"{mailbox}+{person.email.partition('@')[0]}@simulator.amazonses.com"
    begin_new_hour(person)
    person.sign_up()
    person.instance.client.call("POST /forgot", {"email": person.email})
    told = wait_for(lambda: _stop(person))
    begin_new_hour(person)
    wait_for(lambda: time.time() >= told["at"] + 1)  # what is told of the next mail is told of another second
    return int(told["at"])


def get_proof(person: Person, stopped_at: int) -> str:
    """The link that the person has just asked for, when SES has told that its mail, too, came back.

    Told after the link was used, it would stop mails again.
    """
    link = person.link("/email/verify")
    wait_for(lambda: _stop(person)["at"] > stopped_at)
    return link


def _stop(person: Person) -> dict[str, Any]:
    """What stops mails to the person; empty if nothing does."""
    told: dict[str, Any] = find_address(person).get("delivery", {})
    return told if told.get("state") in {"bounced", "complained"} else {}
