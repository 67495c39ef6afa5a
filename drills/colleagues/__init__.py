"""Scripted colleagues, who play the parts of a drill that nobody holds."""
