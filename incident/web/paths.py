"""Addresses that a request names: only paths of this desk are followed."""

from urllib.parse import urlsplit


def inside(address: str) -> str:
    """Return the path and query of an address; anything that leads elsewhere becomes "/"."""
    parts = urlsplit(address.replace("\\", "/"))
    path = "/" + parts.path.lstrip("/")
    if any(ord(character) < 32 for character in path + parts.query):
        return "/"
    return f"{path}?{parts.query}" if parts.query else path
