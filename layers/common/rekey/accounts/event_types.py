"""The types of security events: all that is said of each, wherever it is said.

From here come the constants by which flows record events, the words of the security page, the notices that owners get
by email, and what `make documents` writes: the table of docs/events.md and docs/event-schemas/. A new type is one more
entry; the tests say what else it needs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rekey.accounts.event_members import (
    APPLICATION,
    ASKED_IN,
    BY_ADMIN,
    BY_IMPORT,
    CLIENT,
    CODES_LEFT,
    CONNECTED,
    FACTOR,
    FORGOTTEN,
    IF_BY_ADMIN,
    MADE_IN,
    SCOPE,
    SESSION,
    SIGN_IN,
    SIGNING_KEYS,
    TIMES,
    Members,
)


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    return text


class Notice(NamedTuple):
    """A subject, what happened, what to do if it was not you, and a button to the page that helps then.

    What a person may not have done is never phrased as theirs. Fields of the texts: `{issuer}`; `{lock}`, how long
    sign-in stays locked; `{application}`, the name of one.
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
    """What happened, as docs/events.md says it; what the security page says; the notice; what events of it add; whether
    the page puts it first, for its owner to look whether it was they.
    """

    happened: str
    shown: str
    notice: Notice | dict[str, Notice] | NoNotice
    adds: tuple[Members, ...]
    notable: bool

    @property
    def is_of_account(self) -> bool:
        """Others are of an application: no account's page shows them."""
        return bool(self.shown)

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


def _entry(
    name: str,
    happened: str,
    *adds: Members,
    shown: str,
    notice: Notice | dict[str, Notice] | NoNotice,
    notable: bool = False,
) -> str:
    """Enter a type into the table. Its name is `noun.verb`: part of the contract with who listens on EventBridge."""
    EVENT_TYPES[name] = EventType(happened, shown, notice, adds, notable)
    return name


SENT_AS_LINK = NoNotice("the requested email, with a link, is sent instead")
_DONE_BY_LINK = NoNotice("its owner has just done it, from one of our emails")
_SIGN_IN = (N_("Sign in"), "sign-in")
_UNEXPECTED = N_("If you didn't expect this, contact {issuer}.")
_NEW_PASSWORD = N_("If this wasn't you, set a new password now. Every session will end.")

ACCOUNT_CREATED = _entry(
    "account.created",
    "an account was created with a link emailed to its address",
    shown=N_("Account created"),
    notice=_DONE_BY_LINK,
)
ACCOUNT_IMPORTED = _entry(
    "account.imported",
    "an account was imported from another system by `rekey-admin import`",
    BY_IMPORT,
    shown=N_("Account imported"),
    notice=NoNotice("thousands are imported at once, and the team tells their owners in its own words"),
)
ACCOUNT_UNLOCKED = _entry(
    "account.unlocked",
    "an admin unlocked an account: its failed attempts were cleared",
    BY_ADMIN,
    shown=N_("Sign-in unlocked"),
    notice=NoNotice("its owner asked support for it, and need not act"),
)
ACCOUNT_DISABLED = _entry(
    "account.disabled",
    "an admin disabled an account; every session ended",
    BY_ADMIN,
    shown=N_("Account disabled"),
    notice=Notice(
        N_("Your account was disabled"),
        N_(
            "An administrator at {issuer} disabled your account. You were signed out everywhere and can't sign in "
            "until it is enabled again."
        ),
        _UNEXPECTED,
        *_SIGN_IN,
    ),
)
ACCOUNT_ENABLED = _entry(
    "account.enabled",
    "an admin enabled a disabled account",
    BY_ADMIN,
    shown=N_("Account enabled again"),
    notice=Notice(
        N_("Your account was enabled again"),
        N_("An administrator at {issuer} enabled your account again. You can sign in with your password as before."),
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
        N_("An administrator at {issuer} deleted your account and its data. This can't be undone."),
        _UNEXPECTED,
        N_("Create an account"),
        "sign-up",
    ),
)
SIGN_UP_REQUESTED = _entry(
    "sign_up.requested",
    "someone asked to sign up with the address of an existing account",
    ASKED_IN,
    shown=N_("Sign-up requested"),
    notice=SENT_AS_LINK,
)
SIGNED_IN = _entry(
    "sign_in.succeeded",
    "someone signed in",
    SIGN_IN,
    shown=N_("Signed in"),
    notice={
        "new": Notice(
            N_("New sign-in to your {issuer} account"),
            N_("Someone signed in to your {issuer} account on a device that we haven't seen before."),
            _NEW_PASSWORD,
        ),
    },
)
DEVICE_FORGOTTEN = _entry(
    "device.forgotten",
    "a signed-in person had a device forgotten; the next sign-in on it is one from a new device",
    FORGOTTEN,
    shown=N_("Device forgotten"),
    notice=NoNotice("its owner has just chosen it from their list"),
)
LOCKED = _entry(
    "sign_in.locked",
    "too many wrong passwords or codes: none are accepted for the rest of the period",
    FACTOR,
    shown=N_("Sign-in locked temporarily after failed attempts"),
    notice={
        "password": Notice(
            N_("Sign-in is temporarily locked"),
            N_(
                "Someone entered a wrong password too many times for your {issuer} account. Sign-in is locked and "
                "will unlock within {lock}."
            ),
            N_(
                "If this wasn't you, nobody got in. If someone may know your password, or you use it elsewhere, set a"
                " new one. You can do this while sign-in is locked."
            ),
        ),
        "code": Notice(
            N_("Sign-in is temporarily locked"),
            N_(
                "Someone entered a wrong sign-in code too many times for your {issuer} account. Codes are locked and "
                "will work again within {lock}."
            ),
            N_("If this wasn't you, someone knows your password. The code kept them out. Set a new password now."),
        ),
    },
)
CODE_REFUSED = _entry(
    "sign_in.code_refused",
    "the right password was followed by a wrong code at sign-in",
    TIMES,
    shown=N_("Right password, then a wrong code"),
    notice={
        "third": Notice(
            N_("Someone has your password"),
            N_(
                "The right password of your {issuer} account was entered, then a wrong sign-in code, three times. "
                "The code kept them out."
            ),
            N_("If this wasn't you, set a new password now."),
        ),
    },
)
SESSION_LOCKED = _entry(
    "session.locked",
    "too many wrong passwords or codes in a session: it can prove nothing for the rest of the period",
    SESSION,
    shown=N_("Too many wrong passwords or codes while signed in"),
    notice=Notice(
        N_("Wrong passwords while signed in"),
        N_(
            "A wrong password or code was entered too many times in a session that is signed in to your {issuer} "
            "account. That session can try again within {lock}."
        ),
        N_("If this wasn't you, someone is using your session. Set a new password now: every session ends."),
    ),
)
PASSWORD_CHANGED = _entry(
    "password.changed",
    "a signed-in person changed the password; every other session ended",
    shown=N_("Password changed"),
    notice=Notice(
        N_("Your password was changed"),
        N_("The password of your {issuer} account was changed. Every other session was ended."),
        _NEW_PASSWORD,
    ),
)
RESET_REQUESTED = _entry(
    "password.reset_requested",
    "someone requested an email with a password reset link",
    ASKED_IN,
    IF_BY_ADMIN,
    shown=N_("Password reset link requested"),
    notice=SENT_AS_LINK,
)
PASSWORD_RESET = _entry(
    "password.reset",
    "the password was reset with an emailed link; every session ended",
    shown=N_("Password reset with an emailed link"),
    notable=True,
    notice=Notice(
        N_("Your password was reset"),
        N_("A new password was set for your {issuer} account with an emailed link. You were signed out everywhere."),
        N_(
            "If this wasn't you, someone may be reading your email. Change the password of your email account "
            "first, then set a new one here."
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
            "From now on, you need a code from your authenticator app to sign in to {issuer}. Keep your recovery "
            "codes in a safe place. They let you in if you lose your phone."
        ),
        N_("If this wasn't you, set a new password now. Then contact {issuer} to have two-factor sign-in turned off."),
    ),
)
TOTP_DISABLED = _entry(
    "totp.disabled",
    "two-factor sign-in was turned off",
    IF_BY_ADMIN,
    shown=N_("Two-factor sign-in turned off"),
    notable=True,
    notice={
        "": Notice(
            N_("Two-factor sign-in is off"),
            N_("You no longer need a code to sign in to {issuer}. Your password is enough."),
            N_("If this wasn't you, set a new password now. Then turn two-factor sign-in on again."),
        ),
        "admin": Notice(
            N_("Two-factor sign-in is off"),
            N_(
                "An administrator at {issuer} turned off two-factor sign-in for your account and signed you out "
                "everywhere. Your password is enough to sign in until you turn it on again."
            ),
            N_("If you didn't ask for this, set a new password now. Then contact {issuer}."),
        ),
    },
)
RECOVERY_CODE_USED = _entry(
    "recovery_code.used",
    "a recovery code was used instead of a code from the authenticator app",
    CODES_LEFT,
    shown=N_("Recovery code used"),
    notable=True,
    notice=Notice(
        N_("A recovery code was used"),
        N_("Someone used a recovery code for your {issuer} account instead of a code from your authenticator app."),
        N_(
            "If this wasn't you, set a new password now. Then get new recovery codes, so that the old ones stop "
            "working."
        ),
    ),
)
RECOVERY_CODES_REPLACED = _entry(
    "recovery_codes.replaced",
    "new recovery codes were created; the old ones are invalid",
    shown=N_("New recovery codes created"),
    notice=Notice(
        N_("New recovery codes were created"),
        N_("New recovery codes were created for your {issuer} account. The old ones no longer work."),
        N_(
            "If this wasn't you, someone knows your password and had one of your codes. Set a new password now. "
            "Then turn two-factor sign-in off and on again."
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
            N_("All sessions of your {issuer} account were ended. Sign in again to continue."),
            _NEW_PASSWORD,
        ),
        "others": Notice(
            N_("You were signed out elsewhere"),
            N_("Every session of your {issuer} account was ended, except the one that requested it."),
            _NEW_PASSWORD,
        ),
        "admin": Notice(
            N_("You were signed out everywhere"),
            N_("An administrator at {issuer} ended all sessions of your account. Sign in again to continue."),
            _UNEXPECTED,
            *_SIGN_IN,
        ),
    },
)
EMAIL_VERIFICATION_REQUESTED = _entry(
    "email.verification_requested",
    "a signed-in person requested an email to prove that emails arrive",
    ASKED_IN,
    shown=N_("Test email requested"),
    notice=SENT_AS_LINK,
)
EMAIL_VERIFIED = _entry(
    "email.verified",
    "an emailed link proved that emails arrive",
    shown=N_("Email delivery confirmed"),
    notice=_DONE_BY_LINK,
)
DELIVERY_RESTORED = _entry(
    "delivery.restored",
    "an admin resumed emails to an address where they had bounced or been marked as spam",
    BY_ADMIN,
    shown=N_("Emails to your address turned on again"),
    notice=NoNotice("the next email shows it"),
)
SESSION_REVOKED = _entry(
    "session.revoked",
    "one session was ended on request",
    SESSION,
    shown=N_("Device signed out"),
    notice=NoNotice("its owner has just signed out, or chosen it from their list"),
)
SESSION_DISPLACED = _entry(
    "session.displaced",
    "a sign-in ended the session used least lately, because no more may live at once (`SessionLimit`)",
    SESSION,
    shown=N_("Another device signed out: too many were signed in"),
    notice=NoNotice("its owner has just signed in on another device, and the security page lists it"),
)
REFRESH_REUSED = _entry(
    "refresh.reused",
    "a replaced refresh token was used again: it was stolen, so its session was ended",
    SESSION,
    shown=N_("Session ended for your safety: it was used from two places"),
    notable=True,
    notice=Notice(
        N_("We ended one of your sessions"),
        N_(
            "A session of your {issuer} account was used from two places, so it may have been stolen. We ended "
            "it. Your other sessions are not affected."
        ),
        N_("If you're concerned, set a new password. Every session will end."),
    ),
)
APPLICATION_CONNECTED = _entry(
    "application.connected",
    "a person signed in to an application for the first time, or allowed it more than before",
    APPLICATION,
    CONNECTED,
    shown=N_("Application connected"),
    notice={
        "third": Notice(
            N_("{application} can use your {issuer} account"),
            N_("Someone signed in to {application} with your {issuer} account, and allowed it to use your data."),
            N_("If this wasn't you, disconnect {application} under “Account security”. Then set a new password."),
            N_("Review your applications"),
            "security",
        ),
    },
)
APPLICATION_WITHDRAWN = _entry(
    "application.withdrawn",
    "a person withdrew an application; every session of it ended",
    APPLICATION,
    shown=N_("Application disconnected"),
    notice=NoNotice("its owner has just chosen it from their list"),
)
CODE_REUSED = _entry(
    "code.reused",
    "an authorization code came a second time: it may have been stolen, so the session that it gave was ended",
    SESSION,
    CLIENT,
    shown=N_("Sign-in to an application ended for your safety: its code was used twice"),
    notable=True,
    notice=Notice(
        N_("We ended a sign-in to an application"),
        N_(
            "A sign-in to an application with your {issuer} account was used from two places, so it may have been "
            "stolen. We ended it. Your other sessions are not affected."
        ),
        N_("If you're concerned, set a new password. Every session will end."),
    ),
)


def _client_entry(name: str, happened: str) -> str:
    """A type of events of applications: no account's history shows them, and nobody gets an email."""
    told = NoNotice("it is of no account")
    return _entry(name, happened, CLIENT, BY_ADMIN, shown="", notice=told)


CLIENT_ADDED = _client_entry("client.added", "an admin registered an application")
CLIENT_CHANGED = _client_entry("client.changed", "an admin changed what is registered of an application")
CLIENT_SECRET_ROTATED = _client_entry("client.secret_rotated", "an admin replaced an application's secret")
CLIENT_REMOVED = _client_entry("client.removed", "an admin removed an application; nobody can sign in to it any more")
SIGNING_KEY_ROTATED = _entry(
    "signing_key.rotated",
    "an admin turned the keys that sign for applications, or ended one that leaked",
    SIGNING_KEYS,
    BY_ADMIN,
    shown="",
    notice=NoNotice("it is of no account"),
)
