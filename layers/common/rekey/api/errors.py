"""Every refusal, by name. No class takes a free text, so none can carry a secret into a log or an answer."""

from http import HTTPStatus
from typing import Any, ClassVar, Literal

from rekey import clock


class RekeyError(Exception):
    """What a caller is told: a stable code, a status, a title (RFC 9457 §3.1)."""

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls, *, status: int | None = None, code: str | None = None) -> None:
        super().__init_subclass__()
        if status is not None:
            cls.status = HTTPStatus(status)
        if code is not None:
            cls.code = code

    def members(self) -> dict[str, Any]:
        """Members of the problem beyond type, title, status and code."""
        return {}

    def headers(self) -> dict[str, str]:
        """Headers that the status calls for."""
        return {}

    def problem(self) -> dict[str, Any]:
        """The body of the answer."""
        named = {"type": f"urn:rekey:problem:{self.code}", "title": self.title, "status": int(self.status)}
        return {**named, "code": self.code, **self.members()}


# The caller's input


class MalformedBodyError(RekeyError, status=400, code="malformed_body"):
    title = "The body is not valid JSON in UTF-8."


class BodyTooLargeError(RekeyError, status=413, code="body_too_large"):
    title = "The body is larger than 16 KiB."


class UnsupportedMediaTypeError(RekeyError, status=415, code="unsupported_media_type"):
    title = "This route does not accept the body's content type."


class CrossSiteRequestError(RekeyError, status=403, code="cross_site_request"):
    title = "`Rekey-Client: page` is accepted only from this origin."


class InputError(RekeyError, status=422):
    """A field that is wrong: its name and what is wrong, each in one of its refusal's own words, never its value."""

    def __init__(self, field: str, *codes: str) -> None:
        super().__init__()
        self.errors = [{"field": field, "code": code} for code in codes]

    def members(self) -> dict[str, Any]:
        return {"errors": self.errors}


# `missing` and `ambiguous` also say that one of two fields is asked for, and there is none, or both.
FieldCode = Literal["invalid", "missing", "unknown", "not_allowed", "too_long", "ambiguous", "not_an_object"]


class ValidationFailedError(InputError, code="validation_failed"):
    title = "A field is missing, unknown or invalid."

    def __init__(self, field: str, *codes: FieldCode) -> None:
        super().__init__(field, *codes)


PasswordCode = Literal[
    "too_short",
    "too_long",
    "needs_uppercase",
    "needs_lowercase",
    "needs_digit",
    "needs_special",
    "has_whitespace",
    "contains_address",
    "context",
    "too_common",
    "too_guessable",
    "breached",
]


class WeakPasswordError(InputError, code="weak_password"):
    title = "The password does not meet the password rule."

    def __init__(self, field: str, *codes: PasswordCode) -> None:
        super().__init__(field, *codes)


class SamePasswordError(InputError, code="same_password"):
    title = "The new password is the same as the current one."

    def __init__(self, field: str, *codes: Literal["unchanged"]) -> None:
        super().__init__(field, *codes)


# Proofs that failed


class UnauthorizedError(RekeyError, status=401):
    """RFC 9110 §11.6.1: a 401 names the scheme; RFC 6750 §3 says how."""

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="rekey"'}


class AuthenticationRequiredError(UnauthorizedError, code="authentication_required"):
    title = "Sign-in is required. Send an access token as a bearer token."


class AccessTokenInvalidError(UnauthorizedError, code="access_token_invalid"):
    title = "The access token is expired, revoked or unknown."

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="rekey", error="invalid_token"'}


class InsufficientScopeError(RekeyError, status=403, code="insufficient_scope"):
    """A good access token that is not for this (RFC 6750 §3.1): an application's, or one that was narrowed."""

    title = "The access token does not have the scope that this route asks for."

    def __init__(self, scope: str = "account") -> None:
        super().__init__()
        self.scope = scope

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": f'Bearer realm="rekey", error="insufficient_scope", scope="{self.scope}"'}


class IamRequiredError(RekeyError, status=403, code="iam_required"):
    title = "The request must be signed with IAM credentials."


class InvalidCredentialsError(UnauthorizedError, code="invalid_credentials"):
    title = "The email address or password is wrong."


class ChallengeInvalidError(UnauthorizedError, code="challenge_invalid"):
    title = "The sign-in has expired or is already complete. Start again."


class TotpInvalidError(UnauthorizedError, code="totp_invalid"):
    """`far_step` is the step that the code is right for by a clock that is wrong, if any: told to nobody."""

    title = "The code is wrong. If it keeps being wrong, check the clock of your device."

    def __init__(self, far_step: int | None = None) -> None:
        super().__init__()
        self.far_step = far_step


class TotpUsedError(UnauthorizedError, code="totp_used"):
    title = "The code has already been used. Wait for the next one."


class TotpClockError(UnauthorizedError, code="totp_clock_off"):
    """The secret is right and the clock is not. Told to who enrols, or has given two codes that follow each other: told
    of any one code, it would let a guesser wait until its time has come.
    """

    title = "The device's clock is wrong."

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds

    def members(self) -> dict[str, Any]:
        return {"clock_offset": self.seconds}


class RecoveryCodeInvalidError(UnauthorizedError, code="recovery_code_invalid"):
    title = "The recovery code is wrong or has already been used."


class OneTimeTokenInvalidError(RekeyError, status=400, code="token_invalid"):
    """One answer for expired, spent, replaced and unknown: which it was is the owner's business."""

    title = "The link has expired, has already been used, or was replaced by a newer one."


# States that do not allow it


class ReauthenticationRequiredError(UnauthorizedError, code="reauthentication_required"):
    """A session that is not proven (OWASP ASVS 7.5.1)."""

    title = "Confirm who you are first (POST /reauthenticate)."


class AccountDisabledError(RekeyError, status=403, code="account_disabled"):
    """Told only to whoever has proven the password, and to an admin."""

    title = "The account is disabled."


class AccountNotDisabledError(RekeyError, status=409, code="account_not_disabled"):
    title = "The account is not disabled."


class MailStoppedError(RekeyError, status=409, code="mail_stopped"):
    """Told to admins alone: which addresses take no email is nobody else's business."""

    title = "Emails to this address bounced or were marked as spam, so none are sent. Call `/admin/mail-again` first."


class MailNotStoppedError(RekeyError, status=409, code="mail_not_stopped"):
    title = "Emails to this address are not stopped."


class AccountNotFoundError(RekeyError, status=404, code="account_not_found"):
    """Told to admins alone."""

    title = "The account does not exist."


class ApplicationNotFoundError(RekeyError, status=404, code="application_not_found"):
    title = "The application is not connected."


class TooManyApplicationsError(RekeyError, status=409, code="too_many_applications"):
    title = "The account is connected to 50 applications. Withdraw one first."


class ClientNotFoundError(RekeyError, status=404, code="client_not_found"):
    title = "No application has this id."


class ClientExistsError(RekeyError, status=409, code="client_exists"):
    title = "An application has this id already."


class ClientWithoutSecretError(RekeyError, status=409, code="client_without_secret"):
    title = "An application of this type has no secret."


class ConfirmationRequiredError(RekeyError, status=403, code="confirmation_required"):
    """No ID token proves that the person's own application asks (OpenID Connect RP-Initiated Logout §2)."""

    title = "The person has to confirm the sign-out."


class SigningKeyNotFoundError(RekeyError, status=404, code="signing_key_not_found"):
    title = "No key that signs has this id."


class SigningKeysTurningError(RekeyError, status=409, code="signing_keys_turning"):
    """Whoever keeps keys for two hours would judge by the wrong ones."""

    title = "The last turn of the signing keys is not over yet. If a key leaked, name it."

    def __init__(self, until: int) -> None:
        super().__init__()
        self.until = until

    def members(self) -> dict[str, Any]:
        return {"until": clock.iso(self.until)}

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.until - clock.now())}


class NotFoundError(RekeyError, status=404, code="not_found"):
    title = "Nothing is at this address, or it takes another method."


class SessionNotFoundError(RekeyError, status=404, code="session_not_found"):
    title = "The session does not exist."


class DeviceNotFoundError(RekeyError, status=404, code="device_not_found"):
    title = "The device is not known, or no longer."


class TotpAlreadyEnabledError(RekeyError, status=409, code="totp_already_enabled"):
    title = "Two-factor sign-in is already on."


class TotpNotEnabledError(RekeyError, status=409, code="totp_not_enabled"):
    title = "Two-factor sign-in is not on."


class TotpRequiredError(RekeyError, status=403, code="totp_required"):
    """To whom `RequireTotp` means: told where they would turn it off, and counted where they are not let in without."""

    title = "Two-factor sign-in is required for this account."


class EnrolmentNotFoundError(RekeyError, status=409, code="enrolment_not_found"):
    title = "The set-up has not started or has expired. Start again."


class ConflictError(RekeyError, status=409, code="conflict"):
    """The account changed between the read and the write: nothing was done."""

    title = "Another request changed the account at the same time. Try again."


# What stands between an application and a code

SignInReason = Literal["signed_out", "create", "prompt", "max_age"]


class ClientUnknownError(RekeyError, status=400, code="client_unknown"):
    title = "No application is registered with this `client_id`."


class RedirectUriInvalidError(RekeyError, status=400, code="redirect_uri_invalid"):
    """Nobody is sent to an address that is not registered (RFC 9700 §4.11): who is there is told."""

    title = "The application has not registered this `redirect_uri`."


class SignInRequiredError(UnauthorizedError, code="sign_in_required"):
    """`asked_at` comes back as `since`: a sign-in from then on is the one that was asked for."""

    title = "The person has to sign in first."

    def __init__(
        self, *, reason: SignInReason, asked_at: int, client_name: str, login_hint: str | None, ui_locales: str | None
    ) -> None:
        super().__init__()
        self.told = {"reason": reason, "asked_at": asked_at, "client_name": client_name}
        self.hints = {"login_hint": login_hint, "ui_locales": ui_locales}

    def members(self) -> dict[str, Any]:
        return self.told | {name: hint for name, hint in self.hints.items() if hint is not None}


class SecondFactorRequiredError(RekeyError, status=403, code="second_factor_required"):
    """The application asks for one (RFC 9470); `enrolled` says whether the account has one."""

    title = "The application asks for a second factor."

    def __init__(self, *, client_name: str, enrolled: bool) -> None:
        super().__init__()
        self.told = {"client_name": client_name, "enrolled": enrolled}

    def members(self) -> dict[str, Any]:
        return self.told


class ConsentRequiredError(RekeyError, status=403, code="consent_required"):
    title = "The person has to allow what the application asks for."

    def __init__(self, *, client_name: str, scopes: list[str], email: str) -> None:
        super().__init__()
        self.told = {"client_name": client_name, "scopes": scopes, "email": email}

    def members(self) -> dict[str, Any]:
        return self.told


# Limits and faults


class TooManyRequestsError(RekeyError, status=429, code="too_many_requests"):
    title = "There were too many attempts. Wait before trying again."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class ServiceUnavailableError(RekeyError, status=503, code="service_unavailable"):
    title = "A dependency is unavailable. Try again."

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2"}


class InternalError(RekeyError, status=500, code="internal_error"):
    title = "An internal error occurred. It has been logged."


# RFC 6749 §5.2: the token endpoint has its own form


class OAuthError(RekeyError, status=400):
    """A refusal in that form."""


class InvalidRequestError(OAuthError, code="invalid_request"):
    title = "A parameter is missing, repeated or malformed."


class InvalidClientError(OAuthError, status=401, code="invalid_client"):
    """Unknown, or not proven: which it was is not told."""

    title = "The application is unknown, or its authentication failed."

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Basic realm="rekey", charset="UTF-8"'}


class InvalidGrantError(OAuthError, code="invalid_grant"):
    title = "The code or refresh token is expired, revoked, already used, or not this application's."


class InvalidScopeError(OAuthError, code="invalid_scope"):
    title = "The scope is unknown, or goes beyond what was granted."


class UnsupportedGrantTypeError(OAuthError, code="unsupported_grant_type"):
    title = "The supported grant types are `authorization_code` and `refresh_token`."
