"""Fields that several bodies have, each described once: docs/openapi.json says what stands here."""

from typing import Annotated

from msgspec import Meta

LANGUAGE_TAG = "^[A-Za-z0-9_-]{2,35}$"  # the form of BCP 47

Email = Annotated[str, Meta(description="An e-mail address; case does not matter", max_length=320)]
LanguageTag = Annotated[
    str,
    Meta(
        description="The language the person prefers (BCP 47); else the best of Accept-Language",
        pattern=LANGUAGE_TAG,
        examples=["sv"],
    ),
]
AccountId = Annotated[str, Meta(description="An account's id", pattern="^[0-9a-f]{28}$")]
Reason = Annotated[
    str,
    Meta(
        description="Why an admin does it; kept with the event", min_length=1, max_length=200, examples=["Ticket 4711"]
    ),
]
Confirmation = Annotated[bool, Meta(description="It is refused unless this is true")]
Password = Annotated[str, Meta(description="Any Unicode, up to 256 characters")]
NewPassword = Annotated[str, Meta(description="Any Unicode, up to 256 characters, that meets the password rule")]
MailedToken = Annotated[str, Meta(description="The token from the mailed link's fragment; good once")]
Code = Annotated[str, Meta(description="Six digits from the authenticator app; good once", examples=["492039"])]
RecoveryCode = Annotated[str, Meta(description="A recovery code; case and hyphens do not matter; good once")]
