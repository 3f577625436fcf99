"""Widgets, one a file; the modules without Textual in them are the pure half of a widget."""
