"""Where all packages meet: the application, and the `tocsin` command."""

from flask import Flask

from drills import player, web
from drills.cli import drill
from drills.serve import serve
from incident import app, cli
from incident.commands import serve as serving
from incident.commands.base import log_to_stderr, open_services
from incident.services import Services


def make_app(services: Services) -> Flask:
    """Return the application of a desk with its drills."""
    made = app.create_app(services)
    made.register_blueprint(web.blueprint)
    return made


def create_app() -> Flask:
    """Return the application for a WSGI server; the environment holds its settings."""
    log_to_stderr()
    return make_app(open_services(pool_size=20))


def main() -> None:
    """Run the `tocsin` command."""
    serving.add_commands(cli.tocsin, make_app, turns=(player.play_due,))
    cli.tocsin.add_command(drill)
    cli.tocsin.add_command(serve)
    cli.tocsin()


if __name__ == "__main__":
    main()
