"""The analyses of groups of runs, as `jollyscope analyze` lists them."""

from __future__ import annotations

from jollyscope.analysis.finding import Analysis
from jollyscope.analysis.groups.anomalies import ANOMALIES
from jollyscope.analysis.groups.changes import CHANGES
from jollyscope.analysis.groups.compare import COMPARE
from jollyscope.analysis.groups.slo import SLO
from jollyscope.analysis.groups.trends import TRENDS
from jollyscope.analysis.groups.visits import SESSIONS

__all__ = ["GROUPS"]

GROUPS: tuple[Analysis, ...] = (CHANGES, ANOMALIES, TRENDS, SESSIONS, COMPARE, SLO)
