"""Records (wire form), the trace tree, steps. Pure: no I/O."""
