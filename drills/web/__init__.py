"""The pages of drills, one file a subject; whoever imports this has them all."""

from drills.web import control
from drills.web.blueprint import blueprint

__all__ = ["blueprint", "control"]
