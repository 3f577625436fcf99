"""A small real ReAct agent to watch."""
