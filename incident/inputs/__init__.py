"""What comes in from outside, checked field by field; pages and API share it."""
