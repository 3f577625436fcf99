"""The SDK in programs of their own: settings, providers, forks, ends, disks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jollyscope.transport.spool import writer_alive
from tests.library.sdk.conftest import Run, Spool

HEAVY = ["duckdb", "polars", "textual", "typer", "rich", "clickhouse_connect"]


def test_init_loads_nothing_heavy(run: Run) -> None:
    done = run(
        "import jollyscope, sys, json\n"
        "light = [m for m in sys.modules if m.startswith(('opentelemetry', 'msgspec'))]\n"
        "jollyscope.init()\n"
        "with jollyscope.run('a'): pass\n"
        "print(json.dumps([light, [m for m in sys.modules]]))\n"
    )
    light, loaded = json.loads(done.stdout)
    assert not light
    assert not set(HEAVY) & set(loaded)


AGENT = """
import jollyscope, os, sys, time, signal
jollyscope.init({init})
with jollyscope.run("agent", input="q") as run:
    with jollyscope.act("tool") as a:
        a.output("r")
{rest}
"""


def agent(rest: str = "", init: str = "") -> str:
    return AGENT.format(init=init, rest=rest)


@pytest.mark.parametrize(
    "env", [{"JOLLYSCOPE_SDK_ENABLED": "false"}, {"OTEL_SDK_DISABLED": "true"}]
)
def test_the_kill_switch(run: Run, home: Spool, env: dict[str, str]) -> None:
    code = "import threading; print(threading.active_count(), jollyscope.status().enabled)"
    assert run(agent(code), **env).stdout.split() == ["1", "False"]
    assert not home.home.exists()
    assert run(agent(code, "enabled=False")).stdout.split() == ["1", "False"]


@pytest.mark.parametrize(
    ("init", "env", "service"),
    [
        ("", {}, "program"),
        ("", {"OTEL_SERVICE_NAME": "o"}, "o"),
        ("", {"OTEL_RESOURCE_ATTRIBUTES": "service.name=r,team=x"}, "r"),
        ("", {"OTEL_SERVICE_NAME": "o", "JOLLYSCOPE_SDK_SERVICE": "j"}, "j"),
        ("service='s', resource={'team': 'x'}", {"OTEL_SERVICE_NAME": "o"}, "s"),
    ],
)
def test_the_service_name(
    run: Run, home: Spool, init: str, env: dict[str, str], service: str
) -> None:
    run(agent("", init), **env)
    (root,) = [r for r in home.lines() if r.name == "agent"]
    assert (root.service, root.resource["service.name"]) == (service, service)
    if "team" in init or "team" in str(env):
        assert root.resource["team"] == "x"
    assert root.resource["process.pid"] > 0


def test_opentelemetrys_sampler_is_obeyed(run: Run, home: Spool) -> None:
    run(agent(), OTEL_TRACES_SAMPLER="always_off")
    assert not home.lines()


def test_joining_a_provider_that_is_there(run: Run, home: Spool) -> None:
    done = run(
        "from opentelemetry import trace\n"
        "from opentelemetry.sdk.resources import Resource\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import SimpleSpanProcessor\n"
        "from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter\n"
        "out = InMemorySpanExporter()\n"
        "provider = TracerProvider(resource=Resource({'service.name': 'theirs', 'k': 'v'}))\n"
        "provider.add_span_processor(SimpleSpanProcessor(out))\n"
        "trace.set_tracer_provider(provider)\n"
        + agent(
            "assert trace.get_tracer_provider() is provider\nprint(len(out.get_finished_spans()))"
        )
    )
    assert done.stdout.split() == ["2"]
    assert {r.name for r in home.lines()} == {"agent", "tool"}
    assert {(r.service, r.resource["k"]) for r in home.lines()} == {("theirs", "v")}


def test_a_provider_that_wraps_another(run: Run, home: Spool) -> None:
    run(
        "from opentelemetry import trace\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "class Wrapper(trace.TracerProvider):\n"
        "    def __init__(self): self.inner = TracerProvider()\n"
        "    def get_tracer(self, *a, **k): return self.inner.get_tracer(*a, **k)\n"
        "    def add_span_processor(self, p): self.inner.add_span_processor(p)\n"
        "trace.set_tracer_provider(Wrapper())\n" + agent("", "service='s'")
    )
    assert {(r.name, r.service) for r in home.lines()} == {("agent", "s"), ("tool", "s")}


def test_flushed_at_exit_and_after_an_exception(run: Run, home: Spool) -> None:
    done = run(agent("raise SystemExit(3)"), check=False)
    assert done.returncode == 3
    assert {r.name for r in home.lines()} == {"agent", "tool"}
    assert "Traceback" not in done.stderr


def test_a_step_open_at_exit_stays_open_and_its_writer_is_gone(run: Run, home: Spool) -> None:
    run(agent("step = jollyscope.act('never ends'); step.__enter__()"))
    assert [r.state for r in home.lines() if r.name == "never ends"] == ["open"]
    (folder,) = (home.home / "spool").iterdir()
    assert not writer_alive(folder)


def start(tmp_path: Path, code: str) -> subprocess.Popen[str]:
    program = tmp_path / "program.py"
    program.write_text(
        f"import os; os.environ['JOLLYSCOPE_HOME'] = {str(tmp_path / 'home')!r}\n{code}"
    )
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_sigterm_flushes_and_ends_the_process_as_it_would(tmp_path: Path, home: Spool) -> None:
    rest = "with jollyscope.act('last'): pass\nprint('ready', flush=True)\ntime.sleep(60)"
    process = start(tmp_path, agent(rest, "flush_ms=60000"))
    process.terminate()
    assert process.wait(10) == -signal.SIGTERM
    assert {r.name for r in home.lines() if r.state == "closed"} == {"agent", "tool", "last"}


def test_sigterm_ends_the_process_whatever_lock_it_held(tmp_path: Path) -> None:
    """A flush that cannot be, as where the signal comes in the middle of one."""
    rest = (
        "import threading\n"
        "from jollyscope.sdk import exits\n"
        "lock = threading.Lock()\n"
        "exits._Sigterm.flush = lambda seconds: lock.acquire()\n"
        "with lock:\n    print('ready', flush=True)\n    time.sleep(60)"
    )
    process = start(tmp_path, agent(rest))
    process.terminate()
    assert process.wait(20) == -signal.SIGTERM


@pytest.mark.parametrize("before", [True, False])
def test_a_sigterm_handler_of_the_program_is_left_alone(tmp_path: Path, before: bool) -> None:
    handler = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
    rest = "print('ready', flush=True)\ntime.sleep(60)"
    code = handler + agent(rest) if before else agent(handler + rest)
    process = start(tmp_path, code)
    process.terminate()
    assert process.wait(10) == 7
    assert {r.name for r in Spool(tmp_path / "home").lines()} == {"agent", "tool"}


def test_an_interrupt_flushes(tmp_path: Path, home: Spool) -> None:
    rest = "with jollyscope.act('last'):\n    print('ready', flush=True)\n    time.sleep(60)"
    process = start(tmp_path, agent(rest, "flush_ms=60000"))
    process.send_signal(signal.SIGINT)
    process.wait(10)
    (last,) = [r for r in home.lines() if r.name == "last" and r.state == "closed"]
    assert last.error_type == "KeyboardInterrupt"


def test_os_fork(run: Run, home: Spool) -> None:
    run(
        """
import jollyscope, os, sys
jollyscope.init(flush_ms=60000)
with jollyscope.act("parent before"): pass
with jollyscope.run("around") as around:
    pid = os.fork()
    if pid == 0:
        assert jollyscope.status().recorded == 0
        with jollyscope.act("child"): pass
        assert jollyscope.flush()
        sys.exit(0)
    os.waitpid(pid, 0)
    with jollyscope.act("parent after"): pass
"""
    )
    records = [r for r in home.lines() if r.state == "closed"]
    assert sorted(r.name for r in records) == ["around", "child", "parent after", "parent before"]
    by_name = {r.name: r for r in records}
    assert by_name["child"].parent_span_id == by_name["around"].span_id
    assert by_name["child"].resource["process.pid"] != by_name["around"].resource["process.pid"]
    assert len(list((home.home / "spool").iterdir())) == 2


def test_the_parents_lock_does_not_live_on_in_a_child(run: Run, home: Spool) -> None:
    done = run(
        """
import jollyscope, os, sys, time
jollyscope.init()
with jollyscope.act("parent"): pass
jollyscope.flush()
if os.fork() == 0:
    os.close(1); os.close(2)
    time.sleep(3)
    os._exit(0)
print(jollyscope.status().folder)
"""
    )
    assert not writer_alive(Path(done.stdout.strip()))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(run: Run, home: Spool, method: str) -> None:
    run(
        f"""
import jollyscope, multiprocessing
def work(n):
    jollyscope.init(flush_ms=60000)
    with jollyscope.act(f"child {{n}}"): pass
if __name__ == "__main__":
    jollyscope.init(flush_ms=60000)
    with jollyscope.act("parent"): pass
    context = multiprocessing.get_context("{method}")
    children = [context.Process(target=work, args=(n,)) for n in range(2)]
    for child in children: child.start()
    for child in children: child.join()
    assert [c.exitcode for c in children] == [0, 0]
"""
    )
    names = sorted(r.name for r in home.lines() if r.state == "closed")
    assert names == ["child 0", "child 1", "parent"]


def test_forks_under_load(run: Run, home: Spool) -> None:
    run(
        """
import jollyscope, os, threading
from opentelemetry import trace
jollyscope.init(flush_ms=5)
tracer, stop = trace.get_tracer("t"), threading.Event()
made = [0]
def storm():
    while not stop.is_set():
        with tracer.start_as_current_span("storm"): pass
        made[0] += 1
thread = threading.Thread(target=storm); thread.start()
for n in range(20):
    pid = os.fork()
    if pid == 0:
        with jollyscope.act(f"child {n}"): pass
        os._exit(0 if jollyscope.flush() else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop.set(); thread.join()
with jollyscope.step(str(made[0])): pass
"""
    )
    names = [r.name for r in home.lines() if r.state == "closed"]
    (made,) = [name for name in names if name.isdigit()]
    assert names.count("storm") == int(made)
    assert sum(name.startswith("child") for name in names) == 20


BROKEN = """
import jollyscope, time, sys
jollyscope.init(queue=50, flush_ms=10)
for n in range(200):
    with jollyscope.act("tool") as a: a.output(n)
    if n % 20 == 0: time.sleep(0.02)
flushed = jollyscope.flush()
status = jollyscope.status()
print(flushed, status.recorded, status.written, status.waiting, status.dropped, status.last_error)
print("done")
"""


def test_a_folder_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    started = time.monotonic()
    done = run(BROKEN)
    assert time.monotonic() - started < 8
    first, last = done.stdout.splitlines()
    assert last == "done"
    flushed, recorded, written, waiting, dropped, *_ = first.split()
    assert (flushed, recorded, written) == ("False", "200", "0")
    assert int(waiting) + int(dropped) == 200
    assert int(waiting) <= 50
    assert done.stderr.count("cannot write to") == 1
    assert done.stderr.count("\n") == 1


def test_a_full_disk_that_is_freed_again(run: Run, home: Spool) -> None:
    """ENOSPC from write(2) itself, after part of the batch has been written."""
    done = run(
        """
import errno, os, jollyscope, time
jollyscope.init(flush_ms=10)
real, full = os.write, [True]
def write(fd, data):
    if full[0] and b"trace_id" in bytes(data):
        real(fd, bytes(data)[:20])
        raise OSError(errno.ENOSPC, "No space left on device")
    return real(fd, data)
os.write = write
for n in range(100):
    with jollyscope.act("tool", input=n): pass
    if n % 10 == 0: time.sleep(0.02)
assert not jollyscope.flush()
status = jollyscope.status()
assert (status.waiting, status.dropped) == (100, 0), status
full[0] = False
assert jollyscope.flush()
status = jollyscope.status()
assert (status.written, status.waiting, status.dropped) == (100, 0, 0), status
"""
    )
    assert done.stderr.count("No space left on device") == 1
    assert [r.input for r in home.lines() if r.state == "closed"] == [str(n) for n in range(100)]


def test_a_file_size_limit(run: Run, home: Spool) -> None:
    """The kernel's own refusal in the middle of a write."""
    done = run(
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n" + BROKEN
    )
    assert done.stdout.endswith("done\n")
    assert done.stderr.count("cannot write to") == 1
    assert done.stderr.count("\n") == 1
    assert all(r.name == "tool" for r in home.lines())


def test_a_spool_at_its_bound(run: Run, home: Spool) -> None:
    done = run(
        "import jollyscope\n"
        "jollyscope.init(flush_ms=10, max_text=500000)\n"
        "for n in range(4):\n"
        "    with jollyscope.act('tool', input='x' * 400_000): pass\n"
        "    jollyscope.flush()\n"
        "print(jollyscope.status())\n",
        JOLLYSCOPE_SPOOL_MAX_MB="1",
    )
    assert done.stderr.count("has reached its bound of 1 MB") == 1
    assert len([r for r in home.lines() if r.state == "closed"]) == 2


def test_an_exit_while_nothing_can_be_written_is_quick_and_quiet(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    started = time.monotonic()
    done = run(agent())
    assert time.monotonic() - started < 5
    assert done.stderr.count("cannot write to") == 1
    assert done.stderr.count("\n") == 1


def test_use_in_atexit_handlers_and_threads_at_the_end(run: Run) -> None:
    done = run(
        "import atexit, jollyscope, threading, time\n"
        "def late():\n    with jollyscope.act('late'): pass\n"
        "atexit.register(late)\n"
        "jollyscope.init()\n"
        "def loop():\n    while True:\n        with jollyscope.act('loop'): pass\n"
        "threading.Thread(target=loop, daemon=True).start()\n"
        "time.sleep(0.1)\n"
    )
    assert done.stderr == ""


def test_a_service_name_that_is_no_unicode(run: Run, home: Spool) -> None:
    run(agent("", "service='a\\udcff', resource={'k\\udcff': '\\ud800'}"))
    assert {(r.name, r.service) for r in home.lines()} == {("agent", "a?"), ("tool", "a?")}


def test_shutdown_of_the_provider_is_quick_and_records_what_ended(run: Run, home: Spool) -> None:
    started = time.monotonic()
    done = run(
        agent(
            "from opentelemetry import trace\n"
            "open_one = jollyscope.act('open').__enter__()\n"
            "trace.get_tracer_provider().force_flush()\n"
            "jollyscope.shutdown()\n"
            "trace.get_tracer_provider().shutdown()\n"
            "open_one.__exit__(None, None, None)\n",
            "flush_ms=60000",
        )
    )
    assert time.monotonic() - started < 4
    assert done.stderr == ""
    states = sorted((r.name, r.state) for r in home.lines())
    assert states == [("agent", "closed"), ("open", "open"), ("tool", "closed")]
