"""`tocsin engine`: the desk's engine, which plays the drills too."""

from drills import player
from incident.commands.engine import engine_command

engine = engine_command(turns=(player.play_due,))
