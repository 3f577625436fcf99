"""Imports run one way, and importing does nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What an agent's process must not load for being watched, nor a command for saying `--help`.
HEAVY = {"duckdb", "polars", "pandas", "numpy", "pyarrow", "textual", "typer", "clickhouse_connect",
         "grpc", "starlette", "uvicorn", "confluent_kafka", "zstandard"}  # fmt: skip

# Packages of the library in the order of the layers, and what each may bring with it.
PACKAGES = [
    "jollyscope",
    "jollyscope.errors",
    "jollyscope.paths",
    "jollyscope.config",
    "jollyscope.model",
    "jollyscope.model.records",
    "jollyscope.model.wire",
    "jollyscope.model.tree",
    "jollyscope.model.steps",
    "jollyscope.model.document",
    "jollyscope.model.format",
    "jollyscope.model.waterfall",
    "jollyscope.semconv",
    "jollyscope.transport",
    "jollyscope.transport.spool",
    "jollyscope.transport.kafka",
    "jollyscope.transport.following",
    "jollyscope.receive",
    "jollyscope.receive.sink",
    "jollyscope.receive.spool_sink",
    "jollyscope.receive.run.session",
    "jollyscope.receive.importers.api",
    "jollyscope.sdk",
    "jollyscope.store",
    "jollyscope.store.api",
    "jollyscope.store.lake.store",
    "jollyscope.query",
    "jollyscope.query.listing",
    "jollyscope.query.loading",
    "jollyscope.query.run",
    "jollyscope.query.tail",
    "jollyscope.query.filter",
    "jollyscope.export.otlp",
    "jollyscope.backend",
    "jollyscope.demo",
    "jollyscope_cli",
    "jollyscope_tui",
]

_PROBE = """
import sys, threading, json, os
before = set(sys.modules)
made = []
written = ("open", "os.mkdir", "os.rename", "os.remove", "socket.connect", "subprocess.Popen",
           "sqlite3.connect", "os.fork")
def audit(event, args):
    if event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return
    if event in written:
        made.append([event, str(args[0])])
sys.addaudithook(audit)
environment = dict(os.environ)
import importlib
importlib.import_module(sys.argv[1])
print(json.dumps({
    "modules": sorted({name.split(".")[0] for name in set(sys.modules) - before}),
    "ours": sorted(n for n in sys.modules if n.startswith("jollyscope")),
    "made": made,
    "threads": threading.active_count(),
    "environment": environment == dict(os.environ),
}))
"""


def test_imports_run_one_way():
    contract = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert contract.returncode == 0, contract.stdout + contract.stderr
    assert "0 broken" in contract.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_does_nothing_and_loads_nothing_heavy(package: str, tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    run = subprocess.run(
        [sys.executable, "-B", "-c", _PROBE, package],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            # Read at import, any of these would be an error.
            "JOLLYSCOPE_HOME": "/dev/null/home",
            "JOLLYSCOPE_CONFIG": "/dev/null/config.toml",
            "JOLLYSCOPE_STORE": "nonsense://",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    seen = json.loads(run.stdout)
    assert HEAVY.isdisjoint(seen["modules"])
    assert seen["made"] == []
    assert seen["threads"] == 1
    assert seen["environment"]
    assert list(home.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    if package == "jollyscope":
        assert seen["ours"] == ["jollyscope"]
        assert {"msgspec", "opentelemetry", "psutil", "asyncio"}.isdisjoint(seen["modules"])
    if package.startswith("jollyscope.model"):
        assert "opentelemetry" not in seen["modules"]
        assert all(
            name.startswith(("jollyscope.model", "jollyscope.errors")) or name == "jollyscope"
            for name in seen["ours"]
        )


def test_public_names_are_there_and_listed():
    script = (
        "import jollyscope, sys; assert 'opentelemetry' not in sys.modules; "
        "names = set(jollyscope.__all__); assert names <= set(dir(jollyscope)); "
        "assert all(getattr(jollyscope, n) is not None for n in names); "
        "from jollyscope import *; assert names <= set(globals())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    missing = "import jollyscope; jollyscope.nonsense"
    run = subprocess.run(
        [sys.executable, "-c", missing], capture_output=True, text=True, timeout=60
    )
    assert "module 'jollyscope' has no attribute 'nonsense'" in run.stderr
