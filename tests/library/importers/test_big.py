"""Files much larger than the memory that reading them may take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jollyscope.receive.importers.scan import MAX_PIECE
from tests.library.importers import samples as s
from tests.library.importers.helpers import lines

SIZE = int(os.environ.get("JOLLYSCOPE_TEST_BIG_MB", "32")) << 20
BOUND = 110 << 20
"""Bytes of memory that reading may add to what the program holds before. As Python objects a file of
this size takes five to ten times as much; reading adds 9 to 65 MB, of 24 MB files and of 64 MB ones."""

# In a process of its own, whose peak memory is that of the one import. `ru_maxrss` is in kB on Linux,
# and 0 counts from the process before, which is why it is taken from /proc where that is there.
PROGRAM = """
import sys
from concurrent.futures import Future
from jollyscope.receive.importers.api import Importer
import jollyscope.receive.importers.detect, jollyscope.receive.otlp.decode, zstandard
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

class Counting:
    def submit(self, records):
        done = Future()
        done.set_result(None)
        return done

def peak():
    lines = open("/proc/self/status").read().split("\\n")
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024

before = peak()
summary = Importer(Counting()).run([sys.argv[1]])
print(summary.spans, summary.failed, peak() - before)
"""

TEXT = "x" * 400


def otlp_one_resource(file: Any) -> int:
    file.write('{"resourceSpans":[{"scopeSpans":[{"spans":[')
    count = 0
    while file.tell() < MAX_PIECE + (8 << 20):  # beyond what is held of one resource
        count += 1
        span = s.otlp_span(
            f"{count:016x}", attributes=[{"key": "t", "value": {"stringValue": TEXT}}]
        )
        file.write(("," if count > 1 else "") + json.dumps(span))
    file.write('],"scope":{"name":"lib"}}],"resource":' + json.dumps(s.SERVICE) + "}]}")
    return count


def otlp_lines(file: Any) -> int:
    count = 0
    while file.tell() < SIZE:
        spans = [s.otlp_span(f"{count + n:016x}") for n in range(1, 101)]
        group = {"resource": s.SERVICE, "scopeSpans": [{"spans": spans}]}
        file.write(lines({"resourceSpans": [group]}))
        count += 100
    return count


def jaeger(file: Any) -> int:
    file.write('{"data": [{"spans": [\n')
    count = 0
    while file.tell() < SIZE:
        count += 1
        tags = [{"key": "t", "type": "string", "value": TEXT}]
        span = s.JAEGER_SPANS[0] | {"spanID": f"{count:016x}", "tags": tags}
        file.write((",\n" if count > 1 else "") + json.dumps(span, indent=2))
    file.write('], "processes": ' + json.dumps(s.PROCESSES) + "}]}")
    return count


def zipkin(file: Any) -> int:
    file.write("[")
    count = 0
    while file.tell() < SIZE:
        count += 1
        span = s.ZIPKIN[0] | {"id": f"{count:016x}", "tags": {"t": TEXT}}
        file.write((",\n" if count > 1 else "") + json.dumps(span))
    file.write("]")
    return count


def langfuse(file: Any) -> int:
    file.write('{"observations": [')
    count = 0
    while file.tell() < SIZE + (8 << 20):
        count += 1
        row = s.OBSERVATIONS[0] | {"id": f"{count:016x}", "input": TEXT}
        file.write((",\n" if count > 1 else "") + json.dumps(row))
    file.write('], "trace": ' + json.dumps(s.LF_TRACE) + "}")
    return count


def transcripts(file: Any) -> int:
    file.write("[")
    count = 0
    while file.tell() < max(16 << 20, SIZE // 4):
        run = {"task_id": count, "traj": [*s.MESSAGES, {"role": "user", "content": TEXT * 4}]}
        file.write((",\n" if count else "") + json.dumps(run))
        count += 8
    file.write("]")
    return count


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize(
    "write", [otlp_one_resource, otlp_lines, jaeger, zipkin, langfuse, transcripts]
)
def test_memory_does_not_grow_with_the_file(tmp_path, write):
    path = tmp_path / "big"
    with open(path, "w", encoding="utf-8") as file:
        expected = write(file)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    spans, failed, grown = map(int, done.stdout.split())
    assert (spans, failed) == (expected, 0)
    assert grown < BOUND, f"{grown >> 20} MB"
