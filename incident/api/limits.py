"""How often one token may write: generous, and whoever is refused is told when to come again."""

from flask import Flask, g, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from incident.api import counting
from incident.api.bearers import READING, is_api
from incident.services import Services

WRITES = "10000 per 10 seconds"
USUAL_SECONDS = 10


def install(app: Flask, services: Services) -> None:
    """Count the writes of each token, in this process or in Redis when there is one."""
    Limiter(
        _token,
        app=app,
        default_limits=[WRITES],
        default_limits_per_method=False,
        default_limits_exempt_when=_is_free,
        storage_uri=services.settings.redis_url or f"{counting.SCHEME}://",
        strategy="fixed-window",
    )


def retry_after(error: HTTPException) -> int:
    """Return the seconds after which a new window begins at the latest."""
    if isinstance(error, RateLimitExceeded) and error.limit:
        return int(error.limit.limit.get_expiry())
    return USUAL_SECONDS


def _token() -> str:
    return str(g.get("token_id", request.remote_addr))


def _is_free() -> bool:
    return request.method in READING or not is_api()
