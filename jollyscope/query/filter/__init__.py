"""The filter language of `ls`, `tail`, `export`, `stats` and the explorer's filter bar.

`docs/filter.md` has the grammar, every field and what it means. A filter is compiled to SQL for
both engines and to Python functions; one property test holds all of them equal.
"""

from __future__ import annotations

from jollyscope.query.filter.completion import Completion, complete, store_values
from jollyscope.query.filter.dialect import Dialect
from jollyscope.query.filter.editing import add_term, drop_term, has_term
from jollyscope.query.filter.engines import CLICKHOUSE, DUCKDB, engine
from jollyscope.query.filter.errors import FilterError
from jollyscope.query.filter.moments import TimeRange
from jollyscope.query.filter.query import Condition, Query, parse
from jollyscope.query.filter.table import Field, Target, fields
from jollyscope.query.filter.writing import term

__all__ = [
    "CLICKHOUSE",
    "DUCKDB",
    "Completion",
    "Condition",
    "Dialect",
    "Field",
    "FilterError",
    "Query",
    "Target",
    "TimeRange",
    "add_term",
    "complete",
    "drop_term",
    "engine",
    "fields",
    "has_term",
    "parse",
    "store_values",
    "term",
]
