"""What tests of pages may ask for beside the rest: a desk that runs, and a browser."""

from tests.support.running import browser, running_desk

__all__ = ["browser", "running_desk"]
