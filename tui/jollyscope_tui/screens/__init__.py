"""Screens, one a file: what is on them, their keys, and the workers that fill them."""
