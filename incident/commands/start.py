"""What a process begins with: settings, the log, and an end with whoever started it."""

import logging
import sys

import click

from incident import settings
from incident.settings import BadSettings, Settings
from incident.supervisor import end_with_parent
from incident.web.trace import TraceFilter

FORMAT = "%(asctime)s %(levelname)s %(name)s [%(trace)s] %(message)s"
WITH_PARENT = "--with-parent"

with_parent_option = click.option(
    WITH_PARENT, is_flag=True, hidden=True, help="End when the standard input closes."
)


def read_settings() -> Settings:
    """Return the settings; end with the list of what is wrong."""
    try:
        return settings.load()
    except BadSettings as error:
        lines = "\n".join(f"  {problem}" for problem in error.problems)
        raise click.ClickException(f"the settings are wrong:\n{lines}") from error


def begin(*, with_parent: bool) -> None:
    """Open the log; and end with whoever started this process, where it was asked for."""
    log_to_stderr()
    if with_parent:
        end_with_parent()


def log_to_stderr() -> None:
    """Write the log for the operator: times, levels, ids and trace codes."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(TraceFilter())
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=[handler])
    for noisy in ("apscheduler", "werkzeug", "fontTools", "weasyprint", "urllib3", "twilio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
