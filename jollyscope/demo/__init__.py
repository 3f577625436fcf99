"""A small real ReAct agent to watch.

Read `agent.py` first: the loop, and everything that JollyScope needs of it. `planner.py` decides
offline, by the rules in `skills.py`; `openai_planner.py` asks a model. `tools/` is what they use.
"""
