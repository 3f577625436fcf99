"""`jollyscope run`, as a process of its own on a data directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RUN = [sys.executable, "-m", "jollyscope_cli", "run"]

# A program that only uses OpenTelemetry's API: something else has to set up the SDK.
TOOL_CALL = """
import sys
from opentelemetry import trace
tracer = trace.get_tracer("test")
with tracer.start_as_current_span("ask", attributes={"gen_ai.operation.name": "invoke_agent"}):
    told = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather"}
    with tracer.start_as_current_span("execute_tool weather", attributes=told):
        pass
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Without settings of the developer's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "JOLLYSCOPE_"))}
    ours = {"JOLLYSCOPE_HOME": str(home), "JOLLYSCOPE_CONFIG": str(home / "none.toml")}
    return {**kept, "COLUMNS": "140", **ours, **more}


def run(
    home: Path, *command: str, stdin: bytes = b"", **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end, all streams pipes."""
    return subprocess.run(
        [*RUN, *command],
        input=stdin,
        capture_output=True,
        env=environment(home, **environ),
        timeout=120,
        check=False,
    )


def listed(home: Path, kind: str = "traces") -> list[dict[str, Any]]:
    """`jollyscope ls … --json`"""
    return _json(home, "ls", kind, "--json", "--limit", "0")


def shown(home: Path, trace_id: str) -> dict[str, Any]:
    """`jollyscope show … --json`"""
    return _json(home, "show", trace_id, "--json")


def _json(home: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "jollyscope_cli", *arguments],
        capture_output=True,
        env=environment(home),
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)
