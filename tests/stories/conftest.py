"""What stories may ask for beside the rest: a real browser."""

from tests.support.running import browser

__all__ = ["browser"]
