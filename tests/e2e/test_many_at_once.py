"""Twenty agents write while five readers list, show and compact."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from jollyscope.store.lake.store import LakeStore

AGENTS, READERS, RUNS, STEPS = 20, 5, 6, 8

AGENT = f"""
import sys, time, random
import jollyscope
jollyscope.init(service="agent-" + sys.argv[1])
rng = random.Random(int(sys.argv[1]))
for run in range({RUNS}):
    with jollyscope.session("s-" + sys.argv[1], user="u"):
        with jollyscope.run("work", input="多 many 👥") as whole:
            for step in range({STEPS}):
                with jollyscope.act("tool", input={{"run": run, "step": step}}) as act:
                    time.sleep(rng.uniform(0.001, 0.05))
                    act.output("x" * rng.randint(1, 20000))
            whole.output("done")
assert jollyscope.status().dropped == 0
"""

READER = """
import random, sys
from pathlib import Path
from jollyscope.query.listing import list_sessions, list_spans, list_traces
from jollyscope.store.lake.store import LakeStore
home, number, stop = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
rng = random.Random(number)
store = LakeStore(home)
seen = looks = 0
while not stop.exists():
    if rng.random() < 0.2:
        store.compact() if rng.random() < 0.3 else store.load()
    with store.reader(load=rng.random() < 0.5) as reader:
        assert reader.notes == [], reader.notes
        traces = list_traces(reader, limit=1000).rows
        list_sessions(reader)
        total = reader.query("SELECT count(*), count(DISTINCT span_id) FROM dwd_spans").rows[0]
        assert total[0] == total[1], "a span stands there twice"
        assert total[0] >= seen, "a span went missing"
        seen = total[0]
        opened = reader.query("SELECT count(*) FROM dwd_open_spans").rows[0][0]
        assert sum(t.span_count for t in traces) == total[0] + opened
        for trace in rng.sample(traces, min(3, len(traces))):
            spans = reader.spans(trace.trace_id)
            assert len(spans) == trace.span_count, (len(spans), trace)
            assert len({s.span_id for s in spans}) == len(spans)
            assert len(list_spans(reader, trace_id=trace.trace_id, limit=100).rows) == len(spans)
    looks += 1
print(looks)
"""


def test_twenty_agents_and_five_readers(tmp_path: Path):
    environment = {**os.environ, "JOLLYSCOPE_HOME": str(tmp_path)}
    stop = tmp_path / "stop"

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    readers = [start(READER, tmp_path, n, stop) for n in range(READERS)]
    agents = [start(AGENT, n) for n in range(AGENTS)]
    began = time.monotonic()
    try:
        for agent in agents:
            _, complaints = agent.communicate(timeout=120)
            assert agent.returncode == 0, complaints
            assert complaints == ""
    finally:
        stop.touch()
    looks = 0
    for reader in readers:
        said, complaints = reader.communicate(timeout=120)
        assert reader.returncode == 0, complaints
        looks += int(said)
    print(f"{looks} looks by {READERS} readers in {time.monotonic() - began:.1f} s")
    assert looks >= READERS
    store = LakeStore(tmp_path)
    for _ in range(2):
        with store.reader() as reader:
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [
                (AGENTS * RUNS * (STEPS + 1),)
            ]
            assert reader.query("SELECT count(*) FROM ads_traces").rows == [(AGENTS * RUNS,)]
            assert reader.query("SELECT DISTINCT span_count, state FROM ads_traces").rows == [
                (STEPS + 1, "closed")
            ]
        store.compact()
