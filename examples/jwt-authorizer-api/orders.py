"""GET /orders: the caller's orders. API Gateway has judged the token; its claims come with the request, as texts."""

import json
from typing import Any


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`sub` is the account: keep your own data under it."""
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    orders = {"account_id": claims["sub"], "client_id": claims["client_id"], "orders": ["4711"]}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(orders)}
