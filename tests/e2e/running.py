"""`jollyscope run`, as a process of its own on a data directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

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


class Collect:
    """`jollyscope collect` on free ports, as a process of its own."""

    def __init__(self, home: Path, *options: str, **environ: str) -> None:
        ports = ["--json", "--http-port", "0", "--grpc-port", "0"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jollyscope_cli", "collect", *ports, *options],
            env=environment(home, **environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first, self.process.communicate()[1].decode()
        told = json.loads(first)
        self.http: str = told["http"]
        self.grpc: str = told["grpc"]

    def variables(self, protocol: str) -> dict[str, str]:
        """What a program is told to send here."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.grpc if protocol == "grpc" else self.http,
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "NO_PROXY": "127.0.0.1",
        }

    def stop(self) -> dict[str, Any]:
        """End it as a supervisor does; the counts that it ends with."""
        self.process.terminate()
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, err.decode()
        last = json.loads(out.splitlines()[-1])
        assert last["event"] == "stopped"
        return last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
