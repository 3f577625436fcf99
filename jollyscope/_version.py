"""The version, and nothing else: `jollyscope --version` reads it without importing anything.

`importlib.metadata` would say the same at 45 ms, three times what a bare interpreter takes to start.
The build reads it from here (`[tool.hatch.version]`).
"""

__version__ = "0.1.0"
