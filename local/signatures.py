"""Who signed a request, as API Gateway finds out for a route with IAM authorization: Signature Version 4.

The signature is made again by botocore's own signer, from what was received and the secret that only the caller has.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.server import Received
from local.template import ACCOUNT, REGION
from rekey import clock

SERVICE = "execute-api"
CREDENTIALS = Credentials("local", "local")  # the only ones there are on this machine
CALLER = f"arn:aws:iam::{ACCOUNT}:user/local"
IDENTITY = {  # `requestContext.authorizer.iam` of whoever has them
    "accessKey": CREDENTIALS.access_key,
    "accountId": ACCOUNT,
    "callerId": "AIDALOCAL",
    "cognitoIdentity": None,
    "principalOrgId": None,
    "userArn": CALLER,
    "userId": "AIDALOCAL",
}
LONGEST_AGE = 300  # seconds, either way
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<scope>[^,\s]+),\s*SignedHeaders=(?P<headers>[a-z0-9;-]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})"
)


def find_caller(received: Received) -> dict[str, Any] | None:
    """`requestContext.authorizer.iam` of a request that is signed by the local credentials, else None."""
    told = _AUTHORIZATION.fullmatch(received.header("authorization"))
    if not told or not _is_of_now(received.header("x-amz-date")) or not _is_hash_of_body(received):
        return None
    signer, request = SigV4Auth(CREDENTIALS, SERVICE, REGION), _request(received, set(told["headers"].split(";")))
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if told["scope"] != signer.scope(request) or not hmac.compare_digest(told["signature"], signature):
        return None
    return {**IDENTITY}


def _is_of_now(date: str) -> bool:
    try:
        at = datetime.strptime(date, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(at.timestamp() - clock.now()) <= LONGEST_AGE


def _is_hash_of_body(received: Received) -> bool:
    """The signer takes this header's word for the body: it must be true."""
    told = received.header("x-amz-content-sha256")
    return told in {"", hashlib.sha256(received.body).hexdigest()}


def _request(received: Received, signed: set[str]) -> AWSRequest:
    """What the caller signed, as botocore holds it: it always signs the host, and the date with the rest."""
    headers = {name: received.header(name) for name, _ in received.headers if name in signed}
    url = f"http://{received.header('host')}{received.path}{'?' * bool(received.query)}{received.query}"
    request = AWSRequest(received.method, url, headers, received.body)
    request.context["timestamp"] = received.header("x-amz-date")
    return request
