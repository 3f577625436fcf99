"""How runs change over time, and how groups of runs differ."""
