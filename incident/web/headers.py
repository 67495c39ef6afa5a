"""The headers that every answer carries."""

from flask import Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self' ws://{host} wss://{host}; form-action 'self'; "
    "frame-src 'self'; "
    "manifest-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
YEAR = 365 * 24 * 3600


def add(response: Response) -> Response:
    """Add the headers; what a view set itself stays."""
    wanted = {
        "Content-Security-Policy": POLICY.format(host=request.host),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if request.is_secure:
        wanted["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint == "static":
        wanted["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        response.headers.remove("Cache-Control")
    else:
        response.vary.add("Cookie")
    for name, value in wanted.items():
        response.headers.setdefault(name, value)
    return response
