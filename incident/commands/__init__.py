"""The commands of `tocsin`, a file a subject."""
