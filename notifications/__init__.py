"""The channels: each delivers one message and says what came of it."""
