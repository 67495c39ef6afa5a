"""`tocsin drill gateway`: the stand-in provider alone."""

from urllib.parse import urlsplit

import click

from drills.gateway.provider import create_gateway, serve_gateway
from incident.clock import SystemClock
from incident.commands.start import begin, read_settings, with_parent_option
from incident.stand_in import GATEWAY_JOURNAL, stand_in_account


@click.command("gateway")
@click.option("--port", type=int, help="Port; TOCSIN_GATEWAY_PORT if absent.")
@with_parent_option
def gateway(port: int | None, *, with_parent: bool) -> None:
    """Run the stand-in SMS provider; its inbox is a page that shows what arrived."""
    begin(with_parent=with_parent)
    found = read_settings()
    sid, token = stand_in_account(found)
    app = create_gateway(
        account_sid=sid,
        auth_token=token,
        journal=found.data_dir / GATEWAY_JOURNAL,
        now=SystemClock().now,
        callback_hosts=[urlsplit(found.public_url).hostname or ""],
        zone=found.time_zone.key,
    )
    serve_gateway(app, port=port or found.gateway_port, mail_port=found.gateway_mail_port)
