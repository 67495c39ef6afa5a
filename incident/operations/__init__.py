"""The use cases: each takes a session and `now`, writes rows, and never commits."""
