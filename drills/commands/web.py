"""`tocsin web`, `live` and `desk`: the parts that answer on the desk's port."""

from drills.app import make_app
from incident.commands.web import desk_command, live_command, web_command

web = web_command(make_app)
live = live_command(make_app)
desk = desk_command(make_app)
