"""Where a click on a trace id leads."""

from __future__ import annotations

from json import dumps
from urllib.parse import quote

from tests.library.grafana.query import SOURCE, rows

__all__ = ["TRACE_LINKS"]

_HOLE = "TRACE-ID"


def _explore() -> str:
    """Explore, with every span of the trace. `panes` is how its address is written since Grafana 10."""
    sql = f"SELECT * FROM dwd_spans WHERE trace_id = '{_HOLE}' ORDER BY start_time"
    pane = {
        "datasource": SOURCE.uid,
        "queries": [rows(sql).build().to_json()],
        "range": {"from": "now-1h", "to": "now"},
    }
    return "/explore?schemaVersion=1&orgId=1&panes=" + quote(dumps({"jollyscope": pane})).replace(
        _HOLE, "${__value.raw}"
    )


TRACE_LINKS = [
    {
        "title": "Its steps and its flow",
        "url": "/d/jollyscope-executions?var-trace=${__value.raw}&${__url_time_range}",
    },
    {"title": "All its spans in Explore", "url": _explore(), "targetBlank": True},
]
