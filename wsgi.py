"""Where all packages meet: the application, and the `tocsin` command."""

from pkgutil import resolve_name

from flask import Flask

from incident.cli import tocsin
from incident.commands.start import log_to_stderr

tocsin.places |= {
    "drill": "drills.cli:drill",
    "serve": "drills.commands.serve:serve",
    "web": "drills.commands.web:web",
    "live": "drills.commands.web:live",
    "desk": "drills.commands.web:desk",
    "engine": "drills.commands.engine:engine",
}


def create_app() -> Flask:
    """Return the application for a WSGI server; the environment holds its settings."""
    log_to_stderr()
    app: Flask = resolve_name("drills.app:create_app")()
    return app


def main() -> None:
    """Run the `tocsin` command."""
    tocsin()


if __name__ == "__main__":
    main()
