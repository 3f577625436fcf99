"""`make bench`: every benchmark in one go, or those named: `make bench ARGS="store startup"`."""

from __future__ import annotations

import sys
from importlib import import_module

from tests.bench.table import keep

NAMES = (
    "agent_cost",
    "startup",
    "store",
    "keys",
    "live",
    "receive",
    "tail",
    "ten_million",
    "clickhouse",
    "export",
    "export_xlsx",
)

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(NAMES)
    unknown = set(chosen) - set(NAMES)
    if unknown:
        sys.exit(
            f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(NAMES)}."
        )
    for name in chosen:
        import_module(f"tests.bench.{name}").main()
    keep()
