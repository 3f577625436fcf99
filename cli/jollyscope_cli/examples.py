"""What the help of each command ends with: command lines that work as they stand.

A test runs every one of them over a store in which these ids are there.
"""

from __future__ import annotations

__all__ = ["EXAMPLES", "epilog"]

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": (
        "jollyscope demo",
        "jollyscope run -- python agent.py",
        "jollyscope ls status:error --since 1d",
        "jollyscope show 1f3a",
    ),
    "demo": (
        "jollyscope demo",
        "jollyscope demo --list",
        "jollyscope demo --no-ui --task lookup --task failing",
    ),
    "run": (
        "jollyscope run -- python agent.py",
        "jollyscope run --ui -- node agent.js",
        "jollyscope run --no-content -- python -m agent --city Lisbon",
    ),
    "collect": (
        "jollyscope collect",
        "jollyscope collect --http-port 0 --grpc-port 0 --json",
        "jollyscope collect --to kafka",
    ),
    "import": (
        "jollyscope import runs/",
        "jollyscope import run.json --session chat-42",
        "jollyscope import --dry-run --json runs/",
    ),
    "ui": (
        "jollyscope ui",
        "jollyscope ui 1f3a",
        "jollyscope ui --filter 'status:error tool:search*' --since 2h",
        "jollyscope ui --dashboard",
    ),
    "tail": (
        "jollyscope tail",
        "jollyscope tail step:act status:error",
        "jollyscope tail --json -n 20 --until-idle 5s",
        "jollyscope tail --exit-on status:error --timeout 10m",
    ),
    "ls": (
        "jollyscope ls",
        "jollyscope ls status:error tool:search --since 1d",
        "jollyscope ls spans 'duration>2s' --sort -duration --limit 10",
        "jollyscope ls tools --json",
    ),
    "show": (
        "jollyscope show 1f3a",
        "jollyscope show 1f3a --errors",
        "jollyscope show chat-42 --messages",
        "jollyscope show 1f3a --json",
    ),
    "diff": (
        "jollyscope diff 1f3a 9c1d",
        "jollyscope diff 1f3a 9c1d --all --text",
        "jollyscope diff 1f3a 9c1d --exit-code",
    ),
    "stats": (
        "jollyscope stats",
        "jollyscope stats --by tool --sort -p95",
        "jollyscope stats status:error --by time --since 6h",
    ),
    "analyze": (
        "jollyscope analyze --since 1d",
        "jollyscope analyze service:shop --only retries,errors",
        "jollyscope analyze 1f3a",
    ),
    "export": (
        "jollyscope export status:error --since 1d -o failed.jsonl",
        "jollyscope export -o runs.xlsx",
        "jollyscope export --table steps --session chat-42 -o steps.csv",
        "jollyscope export trace:1f3a --format otlp.json -o -",
    ),
    "label": (
        "jollyscope label 1f3a golden --note 'the answer to compare with'",
        "jollyscope label 1f3a",
        "jollyscope label 1f3a golden --remove",
    ),
    "sql": (
        "jollyscope sql --schema",
        "jollyscope sql 'SELECT tool_name, p95_ms FROM ads_tools ORDER BY p95_ms DESC'",
        "jollyscope sql 'FROM ads_errors' --csv",
    ),
    "store": ("jollyscope store info", "jollyscope store prune --older-than 30d"),
    "store info": ("jollyscope store info", "jollyscope store info --json"),
    "store compact": (
        "jollyscope store compact",
        "jollyscope --store lake:///srv/traces store compact",
    ),
    "store prune": (
        "jollyscope store prune --older-than 30d",
        "jollyscope store prune --max-size 20GB --yes",
    ),
    "up": (
        "jollyscope up",
        "jollyscope up --profile cluster",
        "JOLLYSCOPE_GRAFANA_PORT=3001 jollyscope up",
    ),
    "down": ("jollyscope down", "jollyscope down --volumes"),
    "restart": ("jollyscope restart", "jollyscope restart grafana"),
    "status": ("jollyscope status", "jollyscope status --json"),
    "health": ("jollyscope health", "jollyscope health --deep", "jollyscope health --json"),
    "logs": (
        "jollyscope logs",
        "jollyscope logs -f clickhouse",
        "jollyscope logs -n 20 flink-jobmanager",
    ),
    "config": (
        "jollyscope config",
        "jollyscope config get sdk.flush_ms",
        "jollyscope config set lake.retention_days 30",
    ),
    "config path": (
        "jollyscope config path",
        "JOLLYSCOPE_CONFIG=other.toml jollyscope config path",
    ),
    "config get": ("jollyscope config get store", "jollyscope config get lake.retention_days"),
    "config set": (
        "jollyscope config set lake.retention_days 30",
        "jollyscope config set ui.time utc",
    ),
    "config unset": ("jollyscope config unset ui.time", "jollyscope config unset store"),
    "doctor": ("jollyscope doctor", "jollyscope doctor --json"),
    "version": ("jollyscope version", "jollyscope version --json"),
}
"""By the command's words, `store prune`; empty for the program itself."""


def epilog(command: str, text: str = "") -> str:
    """The examples as Click's help takes them, each on a line of its own, with `text` above them."""
    lines = "\n".join(f"  {line}" for line in EXAMPLES[command])
    return "\n\n".join(filter(None, [text, f"\b\nExamples:\n{lines}"]))
