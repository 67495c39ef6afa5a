"""The application of a desk with its drills."""

from flask import Flask

from drills import web
from incident import app
from incident.commands.base import open_services
from incident.services import Services


def make_app(services: Services) -> Flask:
    """Return the application of a desk with its drills."""
    made = app.create_app(services)
    made.register_blueprint(web.blueprint)
    return made


def create_app() -> Flask:
    """Return it on the services of the environment's settings."""
    return make_app(open_services(pool_size=20))
