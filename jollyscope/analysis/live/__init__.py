"""Numbers and alerts of records as they come: what the Flink jobs `stats` and `alerts` tell, in one process.

`docs/pipeline.md` has the definitions, `compose/flink/sql/` has them in SQL; one test gives both the same
records and demands the same answers.
"""

from __future__ import annotations

from jollyscope.analysis.live.stream import LiveStats
from jollyscope.analysis.live.windows import Window

__all__ = ["LiveStats", "Window"]
