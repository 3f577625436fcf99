"""`jollyscope run`: a program, a receiver beside it, and the variables that bring them together."""
