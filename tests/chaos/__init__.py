"""Processes are killed, paused and starved at random, from a seed, and what they leave is looked at.

`docs/reliability.md` says what is promised, what is tried and how to run it: `make chaos`.
"""
