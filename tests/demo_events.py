"""The events in events/, one a function, and what each is answered where the demo account is."""

import json
from typing import Any

from local.template import ROOT, load_template

FUNCTIONS = sorted(load_template().functions())

# HTTP functions by status, the others by what they answer. The code in totp_verify.json is no code of this moment.
ANSWERS: dict[str, Any] = {
    "account": 200,
    "admin": 200,
    "authorizer": True,
    "change": 204,
    "cleanup": True,
    "feedback": ["delivered"],
    "forgot": 202,
    "introspect": 200,
    "notify": [],
    "pages": 200,
    "refresh": 200,
    "reset": 204,
    "revoke_tokens": 204,
    "sign_in": 200,
    "sign_up": 202,
    "totp_disable": 204,
    "totp_recovery_codes": 200,
    "totp_setup": 200,
    "totp_verify": 401,
    "verify_email": 202,
}
_MEMBERS = {"authorizer": "isAuthorized", "cleanup": "finished", "feedback": "outcomes", "notify": "batchItemFailures"}


def load_event(function: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / f"events/{function}.json").read_text())
    return event


def outcome(function: str, answer: dict[str, Any]) -> Any:
    """What ANSWERS says of an answer."""
    return answer.get(_MEMBERS.get(function, "statusCode"), answer)
