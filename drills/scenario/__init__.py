"""Scenario files: their schema, their reading, and what is wrong in one."""
