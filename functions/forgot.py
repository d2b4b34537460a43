"""POST /forgot: ask for a link to set a new password.

It records that somebody asked, and does nothing else: whether the address is known is found out later, by notify. So
the work and the answer are the same for every address (ASVS 6.3.8), and nobody waits for a mail to be sent.
"""

from http import HTTPStatus

from rekey.accounts import addresses
from rekey.accounts.event_types import RESET_REQUESTED
from rekey.api.errors import TooManyRequestsError, ValidationFailedError
from rekey.api.fields import Email, LanguageTag
from rekey.api.http import Json, Request, entry_point, route
from rekey.languages import preference
from rekey.limits import mail_requests
from rekey.limits.mail_requests import EmailRequested


class ForgotRequest(Json):
    email: Email
    locale: LanguageTag | None = None


@route(
    "POST /forgot",
    body=ForgotRequest,
    answers=(EmailRequested,),
    status=HTTPStatus.ACCEPTED,
    refuses=(ValidationFailedError, TooManyRequestsError),
)
def forgot(request: Request[ForgotRequest]) -> EmailRequested:
    """Request a password reset link.

    The answer is the same for every address.
    """
    email = addresses.parse_email(request.body.email)
    locale = preference.find_asked(request.body.locale, request.accept_language)
    return mail_requests.record(RESET_REQUESTED, email, request.client, locale=locale)


lambda_handler = entry_point(forgot)
