"""Every parser against whatever there is: `python -m tests.hostile.fuzz --help`."""
