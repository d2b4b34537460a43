"""Email addresses: one form for each, so that no spelling gets around a limit."""

import hashlib
import re

from rekey.api.errors import ValidationFailedError
from rekey.api.fields import LONGEST_EMAIL

# RFC 5321 §4.5.3.1.1: 64 octets before the @. SES takes no more than ASCII there (no SMTPUTF8).
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")


def parse_email(text: str) -> str:
    """The address in the one form that is stored, compared and written to: lower case, its domain in ASCII.

    Letter case before the @ is dropped: no provider in use tells it apart, and it must not buy attempts.
    Raises ValidationFailedError.
    """
    local, _, domain = text.strip(" ").rpartition("@")
    domain = domain.lower() if domain.isascii() else _in_ascii(domain)
    email = f"{local.lower()}@{domain}"
    if not local.isascii() or not _LOCAL.fullmatch(local.lower()) or not _DOMAIN.fullmatch(domain):
        raise ValidationFailedError("email", "invalid")
    if len(email) > LONGEST_EMAIL or len(local) > 64:  # noqa: PLR2004 - RFC 5321 §4.5.3.1.1
        raise ValidationFailedError("email", "too_long")
    return email


def _in_ascii(domain: str) -> str:
    """By IDNA 2008 and UTS 46, non-transitional, as browsers do: `faß.de` is not `fass.de`, which is somebody else's
    (docs/decisions/0020). Raises ValidationFailedError.
    """
    if len(domain) > LONGEST_EMAIL:
        raise ValidationFailedError("email", "too_long")
    import idna  # its tables are for this alone: no start waits for them

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except UnicodeError:
        raise ValidationFailedError("email", "invalid") from None


def mailbox_digest(email: str) -> str:
    """What emails that anybody can ask for are counted by: the mailbox, however often its address can be varied.

    What follows a plus is a tag of the mailbox's owner (RFC 5233); Gmail leaves out dots, and has two names. Where a
    provider takes a plus for a letter, two mailboxes share a limit.
    """
    local, _, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in {"gmail.com", "googlemail.com"}:
        local, domain = local.replace(".", ""), "gmail.com"
    return email_digest(f"{local}@{domain}")


def email_digest(email: str) -> str:
    """What keys carry instead of the address: keys are printed in CloudTrail's data events and Contributor Insights."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]
