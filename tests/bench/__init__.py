"""Benchmarks: each prints a figure beside a named peer's, measured in the same run."""
