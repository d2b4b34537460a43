"""The Lambda authorizer of the team's other APIs (payload 2.0, simple response): one trip, and revoked is revoked."""

from typing import Any

from rekey import observability
from rekey.accounts import required_totp
from rekey.api.errors import AccessTokenInvalidError, TotpRequiredError
from rekey.sessions import sessions


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """A fault is raised, and API Gateway answers 500: nobody is let in because the tables did not answer."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    try:
        signed_in, _ = sessions.require_session(bearer.strip() if scheme.lower() == "bearer" else "")
        required_totp.require_met(signed_in.account)
    except (AccessTokenInvalidError, TotpRequiredError) as refusal:
        observability.count_outcome("authorizer", refusal.code)
        return {"isAuthorized": False, "context": {"reason": refusal.code}}
    except Exception:
        observability.count_outcome("authorizer", "fault")
        raise
    observability.count_outcome("authorizer", "ok")
    context = {
        "account_id": signed_in.account_id,
        "session_id": signed_in.session_id,
        "authenticated_at": signed_in.session["authenticated_at"],
        "method": signed_in.session["method"],
    }
    return {"isAuthorized": True, "context": context}
