"""Records to other formats."""
