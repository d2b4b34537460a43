"""docs/errors.md, drawn from rekey/api/errors.py: `make documents` writes it, a test compares.

What a refusal means is its title. What to do about it stands here: no caller is told, so no function has to load it.
"""

from __future__ import annotations

from collections.abc import Sequence

from local import openapi_refusals
from local.template import ROOT
from rekey.api import errors
from rekey.api.errors import OAuthError, RekeyError

PAGE = ROOT / "docs/errors.md"
HEAD = """# Errors

Each refusal has an HTTP status and a stable `code`. `make documents` draws this page from the code.
[API](api.md) says which call can be refused with what.

```json
{
  "type": "urn:rekey:problem:validation_failed",
  "title": "TITLE",
  "status": 422,
  "code": "validation_failed",
  "errors": [{"field": "email", "code": "invalid"}]
}
```

Act on `status` and `code`. The `title` is for developers and may change. New codes may be added: treat an unknown code
by its status. If the answer has `Retry-After`, wait that many seconds. API Gateway's own answers have only a `message`:
treat them by their status too.
"""
ADVICE: dict[type[RekeyError], str] = {
    errors.MalformedBodyError: "Send valid JSON in UTF-8.",
    errors.BodyTooLargeError: "Send a smaller body.",
    errors.UnsupportedMediaTypeError: "Send `Content-Type: application/json`.",
    errors.CrossSiteRequestError: "Leave `Rekey-Client` out, and send the token as a bearer token.",
    errors.ValidationFailedError: "Fix the fields that `errors` names.",
    errors.WeakPasswordError: "Ask for another password. `errors` names each part of the rule that it breaks.",
    errors.SamePasswordError: "Ask for another password.",
    errors.AuthenticationRequiredError: "Send the access token. If there is none, ask the person to sign in.",
    errors.AccessTokenInvalidError: "Refresh the tokens once. If that is refused, ask the person to sign in.",
    errors.InsufficientScopeError: "Send the token of a direct sign-in. An application's has no scope `account`.",
    errors.IamRequiredError: "Sign the request. If it is signed, give the route its IAM authorizer back.",
    errors.InvalidCredentialsError: "Ask again. Each wrong password counts against the limit.",
    errors.ChallengeInvalidError: "Start the sign-in again with the password.",
    errors.TotpInvalidError: "Ask for the code that the app shows now. Each wrong code counts against the limit.",
    errors.TotpUsedError: "Ask for the next code. The app shows it within 30 seconds.",
    errors.TotpClockError: "Ask the person to set the device's clock. It is off by `clock_offset` seconds.",
    errors.RecoveryCodeInvalidError: "Ask for another recovery code.",
    errors.OneTimeTokenInvalidError: "Let the person request a new link.",
    errors.ReauthenticationRequiredError: "Send the password to `/reauthenticate`, then repeat the call.",
    errors.AccountDisabledError: "Let the person contact you. An admin can enable the account.",
    errors.AccountNotDisabledError: "Nothing: the account is enabled.",
    errors.MailStoppedError: "Ask the owner whether the mailbox works. Then call `/admin/mail-again`.",
    errors.MailNotStoppedError: "Nothing: the address gets its emails.",
    errors.AccountNotFoundError: "Check the address or the id.",
    errors.ClientUnknownError: "Register the application, or fix its `client_id`. Nobody is sent to it.",
    errors.RedirectUriInvalidError: "Register the address, letter for letter. Nobody is sent to any other.",
    errors.SignInRequiredError: "Let the person sign in. Then repeat the call, with `asked_at` as `page.since`.",
    errors.SecondFactorRequiredError: "Ask for a code by `/reauthenticate`, or let the person set up a factor.",
    errors.ConsentRequiredError: "Show `scopes`. If the person allows them, send them as `page.consent`.",
    errors.ApplicationNotFoundError: "Read the applications again with `GET /account`.",
    errors.TooManyApplicationsError: "Let the person withdraw an application with `/applications/withdraw`.",
    errors.ClientNotFoundError: "Check the id. `POST /admin/clients/list` lists what is registered.",
    errors.ClientExistsError: "Choose another id, or change that application with `/admin/clients/set`.",
    errors.ClientWithoutSecretError: "Nothing: only applications of the types `web` and `service` have a secret.",
    errors.ConfirmationRequiredError: "Ask the person, then send the same with `confirmed`.",
    errors.SigningKeyNotFoundError: "Read the keys with `/admin/signing-keys/list`. It may have ended long ago.",
    errors.SigningKeysTurningError: "Wait until `until`. If a key has leaked, send its id as `leaked`.",
    errors.NotFoundError: "Check the path and the method.",
    errors.TotpRequiredError: "If it is off, let the person set it up. If it is on, it stays on (`RequireTotp`).",
    errors.SessionNotFoundError: "Read the sessions again with `GET /account`. It may have ended.",
    errors.DeviceNotFoundError: "Read the devices again with `GET /account`. It may have been forgotten, or expired.",
    errors.TotpAlreadyEnabledError: "Nothing. To use another app, turn it off first.",
    errors.TotpNotEnabledError: "Set it up with `/totp/setup` first.",
    errors.EnrolmentNotFoundError: "Call `/totp/setup` again and show the new QR code.",
    errors.ConflictError: "Read the account again, then repeat the call.",
    errors.TooManyRequestsError: "Wait as long as `Retry-After` says.",
    errors.ServiceUnavailableError: "Repeat the call after `Retry-After`. No change is left half done.",
    errors.InternalError: "Repeat the call. If it fails again, look for its request id in the logs.",
    errors.InvalidRequestError: "Fix the parameters of the form.",
    errors.InvalidClientError: "Check the application's id, and its secret if it has one.",
    errors.InvalidGrantError: "Ask the person to sign in again. An application sends them to `/oauth/authorize`.",
    errors.InvalidScopeError: "Ask for scopes that the session has.",
    errors.UnsupportedGrantTypeError: "Send a `grant_type` that is supported.",
}
FIELD_CODES = {
    "invalid": "The value does not have the field's form.",
    "missing": "The field is required. Of two fields of which one is needed, both are missing.",
    "unknown": "The call has no such field, or none with these others.",
    "not_allowed": "The value is none of those that the field takes.",
    "too_long": "The value has too many characters.",
    "ambiguous": "Two fields are there, and only one of them may be.",
    "not_an_object": "The body is not a JSON object. `field` is empty.",
    "too_short": "The password has too few characters.",
    "needs_uppercase": "The password has no uppercase letter.",
    "needs_lowercase": "The password has no lowercase letter.",
    "needs_digit": "The password has no digit.",
    "needs_special": "The password has no special character.",
    "has_whitespace": "The password has a space.",
    "contains_address": "The password has the email address in it, or little beside a part of the address.",
    "too_common": "The password is easy to guess.",
    "too_guessable": "The password takes too few guesses.",
    "context": "The password has the issuer's name or words of the email address in it, and little beside.",
    "breached": "The password was found in a known breach.",
    "unchanged": "The new password is the current one.",
}


def document() -> str:
    """The page: all codes by status, then what `errors` says of a field."""
    refusals = sorted(ADVICE, key=lambda each: (each.status, each.code))
    problems = [each for each in refusals if not issubclass(each, OAuthError)]
    oauth = [each for each in refusals if issubclass(each, OAuthError)]
    fields = [part for each in openapi_refusals.input_errors() for part in _fields(each)]
    return "\n".join(
        [
            *(HEAD.replace("TITLE", errors.ValidationFailedError.title), "## Codes", _table(problems), *fields),
            "## Errors of OAuth\nCalls under `/oauth` answer as RFC 6749 §5.2 has it: `error`, `error_description`.\n",
            _table(oauth),
        ]
    )


def _table(refusals: Sequence[type[RekeyError]]) -> str:
    rows = ["| status | code | meaning | what to do |", "| --- | --- | --- | --- |"]
    rows += [f"| {int(each.status)} | `{each.code}` | {each.title} | {ADVICE[each]} |" for each in refusals]
    return "\n".join(rows) + "\n"


def _fields(refusal: type[errors.InputError]) -> list[str]:
    """The codes with which such a refusal says what is wrong with a field."""
    rows = [f"| `{code}` | {FIELD_CODES[code]} |" for code in openapi_refusals.field_codes(refusal)]
    return [f"## Fields of `{refusal.code}`\n| code | meaning |\n| --- | --- |", *rows, ""]


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
