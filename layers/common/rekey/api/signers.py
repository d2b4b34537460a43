"""Who signed a request with IAM credentials, in the words of the API's own authorizer, and of nothing else.

They come in one form. An event in any other did not pass that authorizer, and names nobody. Whoever may invoke the
function directly can write this form, too: docs/security.md says who must not be able to.
"""

from __future__ import annotations

import re
from typing import Any

_STAGE = "$default"  # an HTTP API of SAM has no other
_TOLD = ("accessKey", "accountId", "callerId", "userArn", "userId")
_ARN = r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(?:root|(?:user|assumed-role|federated-user)/[!-~]+)"


def find_signer(event: dict[str, Any]) -> str | None:
    """The ARN as API Gateway verified it (payload 2.0, `requestContext.authorizer.iam`). None: nobody signed it."""
    context = event["requestContext"]
    authorizer = context.get("authorizer")
    signed = authorizer.get("iam") if isinstance(authorizer, dict) else None
    if not isinstance(signed, dict) or not all(isinstance(signed.get(each), str) and signed[each] for each in _TOLD):
        return None
    named = re.fullmatch(_ARN, signed["userArn"])  # compiled where it is needed: few functions have such routes
    # An HTTP API has no resource policy: whoever it lets in is of the account that has the API.
    of_account = named and named[1] == signed["accountId"] == context.get("accountId")
    of_route = (event.get("version"), context.get("stage"), context.get("routeKey")) == (
        "2.0",
        _STAGE,
        event["routeKey"],
    )
    return signed["userArn"] if of_account and of_route else None
