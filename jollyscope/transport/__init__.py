"""Where records are written and followed: the spool."""
