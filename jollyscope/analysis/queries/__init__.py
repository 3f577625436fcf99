"""Patterns of what users ask, and how the runs of each go."""
