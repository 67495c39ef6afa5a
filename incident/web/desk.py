"""The services of the desk that the present request belongs to."""

from typing import cast

from flask import current_app

from incident.services import Services

EXTENSION = "tocsin"


def services() -> Services:
    """Return the services that `create_app` was given."""
    return cast(Services, current_app.extensions[EXTENSION])
