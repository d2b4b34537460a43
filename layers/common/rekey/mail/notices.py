"""What the mail of each security event says. What a person may not have done is never phrased as theirs."""

from __future__ import annotations

from typing import NamedTuple

from rekey.accounts import events
from rekey.aws.store import Row
from rekey.languages.locale import Locale

FEW_CODES = 2


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    return text


class Notice(NamedTuple):
    """A subject, what happened, what to do if it was not you, and a button to the page that helps then.

    Their fields are the event's own and the issuer.
    """

    subject: str
    text: str
    advice: str
    button: str = N_("Set a new password")
    page: str = "forgot"


_SIGN_IN = (N_("Sign in"), "sign-in")
_UNEXPECTED = N_("Did you not expect this? Contact {issuer}.")
_NEW_PASSWORD = N_("Was it not you? Set a new password now: it signs out everyone else.")

# By the event's type; where that does not say enough, with what does.
NOTICES = {
    events.PASSWORD_CHANGED: Notice(
        N_("Your password was changed"),
        N_("The password of your {issuer} account was changed. You were signed out everywhere else."),
        _NEW_PASSWORD,
    ),
    events.PASSWORD_RESET: Notice(
        N_("Your password was reset"),
        N_("A new password was set for your {issuer} account through a mailed link. You were signed out everywhere."),
        N_(
            "Was it not you? Then somebody may be reading your mail: change the password of your mailbox first, then "
            "set a new one here."
        ),
    ),
    events.TOTP_ENABLED: Notice(
        N_("Two-factor sign-in is on"),
        N_(
            "From now on, signing in to {issuer} asks for a code from your authenticator app. Keep your recovery codes "
            "in a safe place: they let you in if you lose your phone."
        ),
        N_("Was it not you? Set a new password now, and contact {issuer} to have two-factor sign-in turned off."),
    ),
    events.TOTP_DISABLED: Notice(
        N_("Two-factor sign-in is off"),
        N_("Signing in to {issuer} no longer asks for a code: your password alone is enough."),
        N_("Was it not you? Set a new password now, then turn two-factor sign-in on again."),
    ),
    events.RECOVERY_CODE_USED: Notice(
        N_("A recovery code was used"),
        N_("A recovery code was used on your {issuer} account in place of a code from your authenticator app."),
        N_("Was it not you? Set a new password now, then make new recovery codes: the old ones stop working."),
    ),
    events.RECOVERY_CODES_REPLACED: Notice(
        N_("New recovery codes were made"),
        N_("New recovery codes were made for your {issuer} account. The old ones no longer work."),
        N_(
            "Was it not you? Then somebody knows your password and had a code of yours. Set a new password now, then "
            "turn two-factor sign-in off and on again."
        ),
    ),
    f"{events.SESSIONS_REVOKED} all": Notice(
        N_("You were signed out everywhere"),
        N_("All sessions of your {issuer} account were ended. To go on, sign in again."),
        _NEW_PASSWORD,
    ),
    f"{events.SESSIONS_REVOKED} others": Notice(
        N_("You were signed out elsewhere"),
        N_("All sessions of your {issuer} account were ended, except the one in which this was asked for."),
        _NEW_PASSWORD,
    ),
    f"{events.SESSIONS_REVOKED} admin": Notice(
        N_("You were signed out everywhere"),
        N_("An administrator of {issuer} ended all sessions of your account. To go on, sign in again."),
        _UNEXPECTED,
        *_SIGN_IN,
    ),
    f"{events.TOTP_DISABLED} admin": Notice(
        N_("Two-factor sign-in is off"),
        N_(
            "An administrator of {issuer} turned two-factor sign-in off for your account, and signed you out "
            "everywhere: your password alone is enough until you turn it on again."
        ),
        N_("Did you not ask for this? Set a new password now, then contact {issuer}."),
    ),
    events.ACCOUNT_DISABLED: Notice(
        N_("Your account was disabled"),
        N_(
            "An administrator of {issuer} disabled your account. You were signed out everywhere, and cannot sign in "
            "until it is enabled again."
        ),
        _UNEXPECTED,
        *_SIGN_IN,
    ),
    events.ACCOUNT_ENABLED: Notice(
        N_("Your account was enabled again"),
        N_("An administrator of {issuer} enabled your account again. You can sign in with your password as before."),
        _UNEXPECTED,
        *_SIGN_IN,
    ),
    events.ACCOUNT_DELETED: Notice(
        N_("Your account was deleted"),
        N_("An administrator of {issuer} deleted your account and what was kept for it. It cannot be brought back."),
        _UNEXPECTED,
        N_("Create an account"),
        "sign-up",
    ),
    events.REFRESH_REUSED: Notice(
        N_("We ended a session of yours"),
        N_(
            "A session of your {issuer} account was used from two places, as happens when it is stolen. We ended it; "
            "your other sessions go on."
        ),
        N_("Does that worry you? Set a new password: it signs out everyone."),
    ),
    f"{events.LOCKED} password": Notice(
        N_("Sign-in is locked for a while"),
        N_(
            "A wrong password was entered too many times for your {issuer} account. Sign-in is locked, and opens again "
            "by itself within {lock}."
        ),
        N_(
            "Was it not you? Nobody got in. If others may know your password, or you use it elsewhere too, set a new "
            "one: that works during the lock as well."
        ),
    ),
    f"{events.LOCKED} code": Notice(
        N_("Sign-in is locked for a while"),
        N_(
            "A wrong sign-in code was entered too many times for your {issuer} account. Codes are locked, and work "
            "again by themselves within {lock}."
        ),
        N_("Was it not you? Then somebody knows your password. The code kept them out: set a new password now."),
    ),
}


def find(event: Row) -> Notice | None:
    """What the event's owner is told; None if nothing."""
    details = ["admin"] if "admin" in event else [event.get("scope"), event.get("factor")]
    found = (NOTICES.get(f"{event['type']} {detail}") for detail in details if detail)
    return next(filter(None, found), None) or NOTICES.get(event["type"])


def codes_left(locale: Locale, number: int) -> str:
    """Of recovery codes. Whoever has few must hear it while they can still make new ones."""
    if number == 0:
        return locale.gettext(
            "That was the last one. Make new recovery codes now: without one you cannot sign in if you lose your phone."
        )
    left = locale.ngettext("You have {number} unused code left.", "You have {number} unused codes left.", number)
    if number > FEW_CODES:
        return left
    advice = locale.gettext("Make new recovery codes soon: without one, a lost phone locks you out.")
    return f"{left} {advice}"
