"""What is struck, a module each: the faults it knows, and a round of it."""
