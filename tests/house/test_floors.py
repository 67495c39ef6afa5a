"""Versions that the desk may not fall below: older ones have known holes."""

from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.version import Version

from tests.support.tree import ROOT

FLOORS = {
    "aiohttp": "3.14.3",
    "apscheduler": "3.11.3",
    "brotli": "1.2.0",
    "flask": "3.1.3",
    "flask-socketio": "5.6.1",
    "fonttools": "4.61",
    "gunicorn": "27.0.1",
    "h11": "0.16.0",
    "idna": "3.15",
    "jinja2": "3.1.6",
    "mako": "1.3.12",
    "pillow": "13.0.0",
    "pyjwt": "2.13.0",
    "python-engineio": "4.13.2",
    "python-socketio": "5.16.2",
    "requests": "2.33.0",
    "urllib3": "2.8.0",
    "weasyprint": "70.0",
    "werkzeug": "3.1.9",
}
# Only where something brings them in.
FLOORS_IF_PRESENT = {"cryptography": "50.0.0", "marshmallow": "4.1.2", "openpyxl": "3.1.5"}


def installed(package: str) -> Version | None:
    try:
        return Version(version(package))
    except PackageNotFoundError:
        return None


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_a_library_is_above_its_known_holes(package: str, floor: str) -> None:
    found = installed(package)

    assert found is not None
    assert found >= Version(floor)


@pytest.mark.parametrize(("package", "floor"), FLOORS_IF_PRESENT.items())
def test_a_library_that_others_may_bring_is_above_its_known_holes(package: str, floor: str) -> None:
    found = installed(package)

    assert found is None or found >= Version(floor)


def test_spreadsheets_are_read_with_entities_refused() -> None:
    assert installed("openpyxl") is None or installed("defusedxml") is not None


def test_the_scheduler_stays_below_its_fourth_edition() -> None:
    found = installed("apscheduler")

    assert found is not None
    assert found < Version("4")


def test_eventlet_is_absent() -> None:
    assert installed("eventlet") is None


def test_the_browser_script_refuses_a_packet_with_too_many_attachments() -> None:
    """The bundle carries its own parser; the fix of 4.2.6 and 4.2.7 is known by its message."""
    script = ROOT / "templates" / "static" / "vendor" / "socket.io.min.js"

    assert "too many attachments" in script.read_text()
