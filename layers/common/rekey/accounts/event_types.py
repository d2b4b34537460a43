"""The types of security events: all that is said of each, wherever it is said.

From here come the constants by which flows record events, the words of the security page, the notices that owners get
by mail, and what `make documents` writes: the table of docs/events.md and docs/event-schemas/. A new type is one more
entry; the tests say what else it needs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rekey.accounts.event_members import (
    ASKED_IN,
    BY_ADMIN,
    BY_IMPORT,
    CODES_LEFT,
    FACTOR,
    IF_BY_ADMIN,
    MADE_IN,
    SCOPE,
    SESSION,
    Members,
)


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    return text


class Notice(NamedTuple):
    """A subject, what happened, what to do if it was not you, and a button to the page that helps then.

    What a person may not have done is never phrased as theirs. Fields of the texts: `{issuer}`; `{lock}`, how long
    sign-in stays locked.
    """

    subject: str
    text: str
    advice: str
    button: str = N_("Set a new password")
    page: str = "forgot"


class NoNotice(NamedTuple):
    """That the owner gets no notice, and why."""

    why: str


class EventType(NamedTuple):
    """What happened, as docs/events.md says it; what the security page says; the notice; what events of it add."""

    happened: str
    shown: str
    notice: Notice | dict[str, Notice] | NoNotice
    adds: tuple[Members, ...]

    def notices(self) -> dict[str, Notice]:
        """By case: `admin`, where an admin did it; a value of a member that has few (`choices`); "", any other."""
        if isinstance(self.notice, NoNotice):
            return {}
        return {"": self.notice} if isinstance(self.notice, Notice) else self.notice

    def members(self) -> dict[str, dict[str, Any]]:
        """All that events of it may add, each with its schema."""
        return {name: schema for members in self.adds for name, schema in members.schemas.items()}

    def choices(self) -> list[str]:
        """The members that hold one of a few values."""
        return [name for name, schema in self.members().items() if "enum" in schema]


EVENT_TYPES: dict[str, EventType] = {}


def _entry(name: str, happened: str, *adds: Members, shown: str, notice: Notice | dict[str, Notice] | NoNotice) -> str:
    """Enter a type into the table. Its name is `noun.verb`: part of the contract with who listens on EventBridge."""
    EVENT_TYPES[name] = EventType(happened, shown, notice, adds)
    return name


SENT_AS_LINK = NoNotice("the mail that was asked for goes instead, with a link")
_DONE_BY_LINK = NoNotice("its owner has just done it, from a mail of ours")
_SIGN_IN = (N_("Sign in"), "sign-in")
_UNEXPECTED = N_("Did you not expect this? Contact {issuer}.")
_NEW_PASSWORD = N_("Was it not you? Set a new password now: it signs out everyone else.")

ACCOUNT_CREATED = _entry(
    "account.created",
    "an account was made, through a link mailed to its address",
    shown=N_("Account created"),
    notice=_DONE_BY_LINK,
)
ACCOUNT_IMPORTED = _entry(
    "account.imported",
    "an account came from another system, by `rekey-admin import`",
    BY_IMPORT,
    shown=N_("Account imported"),
    notice=NoNotice("thousands come at once, and the team tells them in its own words"),
)
ACCOUNT_UNLOCKED = _entry(
    "account.unlocked",
    "an admin forgot the wrong passwords and codes that had locked an account",
    BY_ADMIN,
    shown=N_("Sign-in unlocked"),
    notice=NoNotice("its owner asked support for it, and it asks nothing of them"),
)
ACCOUNT_DISABLED = _entry(
    "account.disabled",
    "an admin disabled an account; every session ended",
    BY_ADMIN,
    shown=N_("Account disabled"),
    notice=Notice(
        N_("Your account was disabled"),
        N_(
            "An administrator of {issuer} disabled your account. You were signed out everywhere, and cannot sign "
            "in until it is enabled again."
        ),
        _UNEXPECTED,
        *_SIGN_IN,
    ),
)
ACCOUNT_ENABLED = _entry(
    "account.enabled",
    "an admin enabled a disabled account again",
    BY_ADMIN,
    shown=N_("Account enabled again"),
    notice=Notice(
        N_("Your account was enabled again"),
        N_("An administrator of {issuer} enabled your account again. You can sign in with your password as before."),
        _UNEXPECTED,
        *_SIGN_IN,
    ),
)
ACCOUNT_DELETED = _entry(
    "account.deleted",
    "an admin deleted an account",
    BY_ADMIN,
    MADE_IN,
    shown=N_("Account deleted"),
    notice=Notice(
        N_("Your account was deleted"),
        N_("An administrator of {issuer} deleted your account and what was kept for it. It cannot be brought back."),
        _UNEXPECTED,
        N_("Create an account"),
        "sign-up",
    ),
)
SIGN_UP_REQUESTED = _entry(
    "sign_up.requested",
    "somebody asked to sign up with the address of an account that is there",
    ASKED_IN,
    shown=N_("Sign-up requested"),
    notice=SENT_AS_LINK,
)
SIGNED_IN = _entry(
    "sign_in.succeeded",
    "somebody signed in",
    shown=N_("Signed in"),
    notice=NoNotice("it is what people do all day; the security page lists it"),
)
LOCKED = _entry(
    "sign_in.locked",
    "too many wrong passwords or codes: no more are taken for the rest of the period",
    FACTOR,
    shown=N_("Sign-in locked for a while after wrong attempts"),
    notice={
        "password": Notice(
            N_("Sign-in is locked for a while"),
            N_(
                "A wrong password was entered too many times for your {issuer} account. Sign-in is locked, and opens "
                "again by itself within {lock}."
            ),
            N_(
                "Was it not you? Nobody got in. If others may know your password, or you use it elsewhere too, set a "
                "new one: that works during the lock as well."
            ),
        ),
        "code": Notice(
            N_("Sign-in is locked for a while"),
            N_(
                "A wrong sign-in code was entered too many times for your {issuer} account. Codes are locked, and work "
                "again by themselves within {lock}."
            ),
            N_("Was it not you? Then somebody knows your password. The code kept them out: set a new password now."),
        ),
    },
)
PASSWORD_CHANGED = _entry(
    "password.changed",
    "a new password was set by somebody signed in; every other session ended",
    shown=N_("Password changed"),
    notice=Notice(
        N_("Your password was changed"),
        N_("The password of your {issuer} account was changed. You were signed out everywhere else."),
        _NEW_PASSWORD,
    ),
)
RESET_REQUESTED = _entry(
    "password.reset_requested",
    "somebody asked for a mail with a link to set a new password",
    ASKED_IN,
    IF_BY_ADMIN,
    shown=N_("Link for a new password requested"),
    notice=SENT_AS_LINK,
)
PASSWORD_RESET = _entry(
    "password.reset",
    "a new password was set through a mailed link; every session ended",
    shown=N_("Password set through a mailed link"),
    notice=Notice(
        N_("Your password was reset"),
        N_("A new password was set for your {issuer} account through a mailed link. You were signed out everywhere."),
        N_(
            "Was it not you? Then somebody may be reading your mail: change the password of your mailbox first, "
            "then set a new one here."
        ),
    ),
)
TOTP_ENABLED = _entry(
    "totp.enabled",
    "two-factor sign-in was turned on",
    shown=N_("Two-factor sign-in turned on"),
    notice=Notice(
        N_("Two-factor sign-in is on"),
        N_(
            "From now on, signing in to {issuer} asks for a code from your authenticator app. Keep your recovery "
            "codes in a safe place: they let you in if you lose your phone."
        ),
        N_("Was it not you? Set a new password now, and contact {issuer} to have two-factor sign-in turned off."),
    ),
)
TOTP_DISABLED = _entry(
    "totp.disabled",
    "two-factor sign-in was turned off",
    IF_BY_ADMIN,
    shown=N_("Two-factor sign-in turned off"),
    notice={
        "": Notice(
            N_("Two-factor sign-in is off"),
            N_("Signing in to {issuer} no longer asks for a code: your password alone is enough."),
            N_("Was it not you? Set a new password now, then turn two-factor sign-in on again."),
        ),
        "admin": Notice(
            N_("Two-factor sign-in is off"),
            N_(
                "An administrator of {issuer} turned two-factor sign-in off for your account, and signed you out "
                "everywhere: your password alone is enough until you turn it on again."
            ),
            N_("Did you not ask for this? Set a new password now, then contact {issuer}."),
        ),
    },
)
RECOVERY_CODE_USED = _entry(
    "recovery_code.used",
    "a recovery code stood in for a code of the authenticator app",
    CODES_LEFT,
    shown=N_("Recovery code used"),
    notice=Notice(
        N_("A recovery code was used"),
        N_("A recovery code was used on your {issuer} account in place of a code from your authenticator app."),
        N_("Was it not you? Set a new password now, then make new recovery codes: the old ones stop working."),
    ),
)
RECOVERY_CODES_REPLACED = _entry(
    "recovery_codes.replaced",
    "new recovery codes were made: the old ones are void",
    shown=N_("New recovery codes made"),
    notice=Notice(
        N_("New recovery codes were made"),
        N_("New recovery codes were made for your {issuer} account. The old ones no longer work."),
        N_(
            "Was it not you? Then somebody knows your password and had a code of yours. Set a new password now, "
            "then turn two-factor sign-in off and on again."
        ),
    ),
)
SESSIONS_REVOKED = _entry(
    "sessions.revoked",
    "sessions were ended on request",
    SCOPE,
    IF_BY_ADMIN,
    shown=N_("Devices signed out"),
    notice={
        "all": Notice(
            N_("You were signed out everywhere"),
            N_("All sessions of your {issuer} account were ended. To go on, sign in again."),
            _NEW_PASSWORD,
        ),
        "others": Notice(
            N_("You were signed out elsewhere"),
            N_("All sessions of your {issuer} account were ended, except the one in which this was asked for."),
            _NEW_PASSWORD,
        ),
        "admin": Notice(
            N_("You were signed out everywhere"),
            N_("An administrator of {issuer} ended all sessions of your account. To go on, sign in again."),
            _UNEXPECTED,
            *_SIGN_IN,
        ),
    },
)
EMAIL_VERIFICATION_REQUESTED = _entry(
    "email.verification_requested",
    "somebody signed in asked for a mail that proves that mails arrive",
    ASKED_IN,
    shown=N_("Mail requested that shows whether our mails arrive"),
    notice=SENT_AS_LINK,
)
EMAIL_VERIFIED = _entry(
    "email.verified",
    "a link mailed to the address was used to prove that mails arrive",
    shown=N_("Mails arrive again"),
    notice=_DONE_BY_LINK,
)
DELIVERY_RESTORED = _entry(
    "delivery.restored",
    "an admin let mails go again to an address where they bounced or were called spam",
    BY_ADMIN,
    shown=N_("Mails are sent to your address again"),
    notice=NoNotice("the next mail shows it"),
)
SESSION_REVOKED = _entry(
    "session.revoked",
    "one session was ended on request",
    SESSION,
    shown=N_("A device signed out"),
    notice=NoNotice("its owner has just signed out, or chosen it from their list"),
)
REFRESH_REUSED = _entry(
    "refresh.reused",
    "a refresh token turned up that had been replaced: somebody stole it, and its session was ended",
    SESSION,
    shown=N_("A session ended for safety: it was used from two places"),
    notice=Notice(
        N_("We ended a session of yours"),
        N_(
            "A session of your {issuer} account was used from two places, as happens when it is stolen. We ended "
            "it; your other sessions go on."
        ),
        N_("Does that worry you? Set a new password: it signs out everyone."),
    ),
)
