"""What events of some types add to what all have: each member's JSON Schema, as docs/event-schemas/ has it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Members(NamedTuple):
    """Members that come together, by name. With a condition they are there only if it holds."""

    schemas: dict[str, dict[str, Any]]
    condition: str = ""


# The form of api/fields.py, which would bring msgspec to the pages; a test holds the two together.
_LOCALE = {"type": "string", "pattern": "^[A-Za-z0-9_-]{2,35}$"}

CLIENT = Members(
    {
        "client_id": {
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9-]{1,62}$",
            "description": "The application",
        }
    }
)
APPLICATION = Members(
    {**CLIENT.schemas, "application": {"type": "string", "description": "Its name, as people are shown it"}}
)
CONNECTED = Members(
    {
        "party": {"enum": ["first", "third"], "description": "Whether the application is the team's own (`first`)"},
        "scopes": {"type": "array", "items": {"type": "string"}, "description": "What it may ask for from now on"},
    }
)
BY_ADMIN = Members(
    {
        "admin": {
            "type": "string",
            "pattern": "^arn:",
            "maxLength": 2048,
            "description": "The admin who did it: the IAM ARN of the caller",
        },
        "reason": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Why, in the admin's words"},
    }
)
IF_BY_ADMIN = BY_ADMIN._replace(condition="if an admin did it")
BY_IMPORT = Members({"admin": {"type": "string", "pattern": "^arn:", "description": "The ARN of who ran the import"}})
ASKED_IN = Members(
    {"locale": {**_LOCALE, "description": "The language it was asked for in (BCP 47)"}}, "if the caller sent it"
)
MADE_IN = Members(
    {"locale": {**_LOCALE, "description": "The language the account was made in (BCP 47)"}}, "if the account had one"
)
FACTOR = Members({"factor": {"enum": ["password", "code"], "description": "What was wrong too often"}})
TIMES = Members(
    {"times": {"enum": ["third"], "description": "The third in a period, of which the owner hears"}},
    "if it was the third in a period",
)
SIGN_IN = Members(
    {
        "device": {
            "enum": ["known", "new"],
            "description": "Whether the account had been signed in to on the device before",
        },
        "session_id": {"type": "string", "pattern": "^[0-9a-f]{28}$", "description": "The session that began"},
    },
    "if this release recorded it, or a later one",
)
FORGOTTEN = Members(
    {"device_id": {"type": "string", "pattern": "^[0-9a-f]{28}$", "description": "The device that was forgotten"}}
)
SCOPE = Members({"scope": {"enum": ["all", "others"], "description": "All of them, or all but the one that asked"}})
SESSION = Members(
    {"session_id": {"type": "string", "pattern": "^[0-9a-f]{28}$", "description": "The session that ended"}}
)
SIGNING_KEYS = Members(
    {
        "kid": {"type": "string", "maxLength": 64, "description": "The key that signs now, after a leak, or next"},
        "retired_kid": {"type": "string", "maxLength": 64, "description": "The key that signs until then, or leaked"},
        "cause": {"enum": ["turn", "leak"], "description": "Whether it was turned in good time, or ended at once"},
    }
)
CODES_LEFT = Members({"codes_left": {"type": "integer", "minimum": 0, "description": "How many codes are unused"}})
