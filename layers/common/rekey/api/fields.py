"""Fields that several bodies and answers have, each described once: docs/openapi.json says what stands here.

Limits that are judged further in (of passwords, codes, tokens) stand there; local/openapi_schemas.py adds them.
"""

from typing import Annotated

from msgspec import Meta

LANGUAGE_TAG = "^[A-Za-z0-9_-]{2,35}$"  # the form of BCP 47
LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_ID = "^[0-9a-f]{28}$"  # as ids.new_id makes it

Email = Annotated[
    str,
    Meta(
        description="An email address; case does not matter",
        max_length=LONGEST_EMAIL,
        examples=["ada@example.com"],
        extra_json_schema={"format": "email"},
    ),
]
LanguageTag = Annotated[
    str,
    Meta(
        description="The language the person prefers (BCP 47); otherwise the best match of Accept-Language",
        pattern=LANGUAGE_TAG,
        examples=["sv"],
    ),
]
AccountId = Annotated[str, Meta(description="An account's id", pattern=_ID)]
SessionId = Annotated[str, Meta(description="A session's id", pattern=_ID)]
DeviceId = Annotated[str, Meta(description="A device's id", pattern=_ID)]
EventId = Annotated[str, Meta(description="An event's id; ids sort by time", pattern=_ID)]
Reason = Annotated[
    str,
    Meta(
        description="Why an admin does it; kept with the event", min_length=1, max_length=200, examples=["Ticket 4711"]
    ),
]
Confirmation = Annotated[bool, Meta(description="Must be true", extra_json_schema={"const": True})]
Password = Annotated[str, Meta(description="The current password")]
NewPassword = Annotated[str, Meta(description="The new password, any Unicode; it must meet the password rule")]
MailedToken = Annotated[str, Meta(description="The token from the emailed link's fragment; valid once")]
ChallengeToken = Annotated[str, Meta(description="Says that the password was right; valid once, for five minutes")]
DeviceToken = Annotated[
    str,
    Meta(
        description=(
            "Says that the account was signed in to on this device. Keep it, and send it with the next sign-in to the "
            "address; valid for a year after its last use"
        )
    ),
]
KeptDeviceToken = Annotated[
    str,
    Meta(description="The `device_token` of an earlier sign-in to the address; one that is not known changes nothing"),
]
RememberDevice = Annotated[
    bool, Meta(description="Whether to ask for no code on this device, for as many days as the team has set")
]
AccessToken = Annotated[str, Meta(description="Send it as `Authorization: Bearer …`")]
RefreshToken = Annotated[str, Meta(description="For `/oauth/token`, which replaces it each time")]
Code = Annotated[str, Meta(description="Six digits from the authenticator app; valid once", examples=["492039"])]
RecoveryCode = Annotated[str, Meta(description="A recovery code; case and hyphens do not matter; valid once")]
Time = Annotated[str, Meta(description="In UTC", extra_json_schema={"format": "date-time"})]
Seconds = Annotated[int, Meta(description="Seconds", ge=0)]
Cursor = Annotated[
    str,
    Meta(
        description="`events_next` of an answer; sent as `events_before`, it asks for the events before those",
        pattern=r"^[0-9a-f]{28}\.[0-9a-f]{28}$",
    ),
]
Count = Annotated[int, Meta(description="How often, from `first_at` to `at`; what anyone can cause is folded", ge=1)]
Program = Annotated[str, Meta(description="The program of `client` in Rekey's words; empty if it is not known")]
Network = Annotated[str, Meta(description="A network: the first 24 bits of an IPv4 address, or 48 of IPv6")]
Methods = Annotated[
    list[str], Meta(description="How they signed in (RFC 8176, `recovery`, `sign-up`, `device`); may be empty")
]
