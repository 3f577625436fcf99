"""`tail` on a terminal: what runs at the bottom, keys, and a pager for what went by."""
