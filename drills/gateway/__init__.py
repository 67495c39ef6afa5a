"""The stand-in provider: it speaks the HTTP of real ones, and shows what came as a phone does."""
