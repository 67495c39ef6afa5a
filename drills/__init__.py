"""Practice (演练): plays on the desk through its public functions."""
