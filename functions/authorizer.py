"""The Lambda authorizer of the team's other APIs (payload 2.0, simple response): one trip, and revoked is revoked."""

from typing import Any

from rekey import observability
from rekey.accounts import required_totp
from rekey.api.errors import AccessTokenInvalidError, InsufficientScopeError, TotpRequiredError
from rekey.sessions import sessions
from rekey.sessions.sessions import Access
from rekey.settings import settings


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """A fault is raised, and API Gateway answers 500: nobody is let in because the tables did not answer."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    try:
        signed_in, access, _ = sessions.require_access(bearer.strip() if scheme.lower() == "bearer" else "")
        required_totp.require_met(signed_in.account)
    except (AccessTokenInvalidError, TotpRequiredError) as refusal:
        return _refuse(refusal.code)
    except Exception:
        observability.count_outcome("authorizer", "fault")
        raise
    if lack := _find_lack(access):
        return _refuse(lack)
    observability.count_outcome("authorizer", "ok")
    context = {
        "account_id": signed_in.account_id,
        "session_id": signed_in.session_id,
        "sid": signed_in.session_id,  # as in JWTs
        "client_id": access.client_id,
        "scope": " ".join(access.scopes),
        "authenticated_at": signed_in.session["authenticated_at"],
        "method": signed_in.session["method"],
    }
    return {"isAuthorized": True, "context": context}


def _find_lack(access: Access) -> str | None:
    """Why a good token is none for these APIs (RFC 9068 §4). A direct sign-in names no API."""
    audience, scopes = settings().authorizer_audience, settings().authorizer_scope.split()
    if audience and audience not in access.audience:
        return "audience"
    return None if {*scopes} <= {*access.scopes} else InsufficientScopeError.code


def _refuse(reason: str) -> dict[str, Any]:
    observability.count_outcome("authorizer", reason)
    return {"isAuthorized": False, "context": {"reason": reason}}
