"""Benchmarks: each figure beside its aim and its floor, measured in the same run."""
