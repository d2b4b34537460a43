"""GET /who: who is calling. What the authorizer found out comes with the request; nothing is looked up here."""

import json
from typing import Any


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`authenticated_at` is when they proved themselves, in seconds: ask for a new sign-in before what is delicate."""
    caller = event["requestContext"]["authorizer"]["lambda"]
    told = {name: caller[name] for name in ("account_id", "session_id", "authenticated_at", "method")}
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(told)}
