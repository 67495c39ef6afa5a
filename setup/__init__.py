"""What a fresh machine lacks to run and test Tocsin; the standard library only."""
