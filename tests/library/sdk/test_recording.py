from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

import jollyscope
from jollyscope.config import Config, SdkConfig
from jollyscope.errors import UsageError
from jollyscope.sdk import setup
from jollyscope.sdk.convert import Converter
from jollyscope.sdk.provider import join
from jollyscope.sdk.sampler import Sampler
from jollyscope.sdk.setup import make_recorder
from jollyscope.sdk.texts import Texts
from jollyscope.sdk.trouble import Trouble
from tests.library.sdk.conftest import Spool


def eventually(check, seconds: float = 5.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.005)


def test_a_running_step_is_recorded_as_open(spool: Spool) -> None:
    with jollyscope.run("agent", input="q"):
        eventually(lambda: spool.lines())
        with jollyscope.act("quick"):
            pass
    jollyscope.flush()
    assert [(r.name, r.state) for r in spool.lines()] == [
        ("agent", "open"), ("quick", "closed"), ("agent", "closed"),
    ]  # fmt: skip
    opened = spool.lines()[0]
    assert (opened.end_time, opened.duration_ms, opened.input) == (None, None, "q")


def test_open_records_can_be_off(idle: Spool) -> None:
    idle.init(open_records=False)
    with jollyscope.run("agent"):
        time.sleep(0.2)
        assert jollyscope.flush()
        assert not idle.lines()
    assert [r.state for r in idle.closed()] == ["closed"]


def test_a_closed_span_is_durable_within_flush_ms(spool: Spool) -> None:
    with jollyscope.step("warm"):
        pass
    jollyscope.flush()
    late = []
    for n in range(20):
        with jollyscope.step(f"s{n}"):
            pass
        ended = time.monotonic()
        eventually(lambda n=n: any(r.name == f"s{n}" for r in spool.lines()))  # type: ignore[misc]
        late.append(time.monotonic() - ended)
        time.sleep(0.013)
    assert sorted(late)[10] < 0.1, late  # the median, since the machine is shared


def test_everything_of_a_foreign_span(spool: Spool) -> None:
    tracer = trace.get_tracer(
        "lib", "1.2", schema_url="https://schema", attributes={"scope": "attr"}
    )
    other = SpanContext(7, 8, is_remote=True, trace_flags=TraceFlags(1))
    with tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent:
        span = tracer.start_span(
            "child", kind=SpanKind.CLIENT, links=[Link(other, {"l": 1})], start_time=1_000,
            attributes={"b": b"\x00", "nan": float("nan"), "big": 2**70, "t": (1, 2), "f": 1.0,
                        "m": {"@x": 1}, "none": None},
        )  # fmt: skip
        span.add_event("e", {"k": True}, timestamp=1_500)
        span.set_status(Status(StatusCode.ERROR, "bad"))
        span.end(end_time=3_001_000)
    record = spool.one("child")
    context = parent.get_span_context()
    assert record.parent_span_id == f"{context.span_id:016x}"
    assert (record.start_time, record.end_time, record.duration_ms) == (1_000, 3_001_000, 3.0)
    assert (record.kind, record.status, record.error_message) == ("client", "error", "bad")
    assert record.attributes == {
        "b": {"@bytes": "AA=="}, "nan": {"@double": "NaN"}, "big": str(2**70), "t": [1, 2], "f": 1.0,
        "m": {"@kvlist": {"@x": 1}}, "none": None,
    }  # fmt: skip
    assert isinstance(record.attributes["f"], float)
    (event,) = record.events
    assert (event.name, event.time, event.attributes) == ("e", 1_500, {"k": True})
    (link,) = record.links
    assert (link.trace_id, link.span_id) == (f"{7:032x}", f"{8:016x}")
    assert link.attributes == {"l": 1}
    scope = record.scope
    assert (scope["name"], scope["version"], scope["schema_url"]) == (
        "lib",
        "1.2",
        "https://schema",
    )
    assert scope["attributes"] == {"scope": "attr"}
    assert scope["status_message"] == "bad"
    assert record.resource["telemetry.sdk.language"] == "python"


def test_an_exception_event_of_anyones_span(spool: Spool) -> None:
    tracer = trace.get_tracer("lib")
    with pytest.raises(KeyError), tracer.start_as_current_span("fails"):
        raise KeyError("k")
    record = spool.one("fails")
    assert (record.error_type, record.error_message) == ("KeyError", "'k'")
    assert "Traceback" in record.stack_trace


def test_text_that_is_no_unicode(spool: Spool) -> None:
    with jollyscope.act("odd", input="a\ud800b") as a:
        a.attribute("k\udfff", "\ud800")
        a.event("e", x="\ud800")
    with jollyscope.act("after"):
        pass
    assert spool.one("odd").input == "a?b"
    assert spool.one("after")


def test_cpu_and_memory(idle: Spool) -> None:
    idle.init(sample_ms=50)
    with jollyscope.run("busy"):
        until = time.process_time() + 0.3
        while time.process_time() < until:
            sum(range(1000))
    with jollyscope.run("idle"):
        time.sleep(0.3)
    busy, quiet = idle.one("busy"), idle.one("idle")
    assert busy.cpu_percent > quiet.cpu_percent + 20
    assert 5 < busy.memory_mb < 2000
    metrics = idle.lines("metric")
    by_name = {m.name: m for m in metrics}
    assert set(by_name) == {"process.cpu.utilization", "process.memory.usage"}
    cpu, memory = by_name["process.cpu.utilization"], by_name["process.memory.usage"]
    assert (cpu.type, cpu.unit, memory.type, memory.unit) == ("gauge", "1", "sum", "By")
    assert (memory.monotonic, memory.temporality) == (False, "cumulative")
    assert memory.value > 5e6
    assert all(0 <= m.value <= 1.5 for m in metrics if m.unit == "1")
    assert len({m.record_id for m in metrics}) == len(metrics)
    assert {m.service for m in metrics} == {"test"}


def test_an_idle_process_writes_nothing(idle: Spool) -> None:
    idle.init(sample_ms=20, flush_ms=20)
    time.sleep(0.2)
    assert not idle.home.exists()
    with jollyscope.run("one"):
        pass
    time.sleep(0.2)
    jollyscope.flush()
    count = len(idle.lines("metric"))
    time.sleep(0.2)
    assert len(idle.lines("metric")) == count


def test_the_mean_over_a_span_is_a_difference_of_samples() -> None:
    sampler = Sampler(1000)
    sampler._times, sampler._cpu = [0, 10**9, 2 * 10**9], [0, 10**9, 10**9]  # pyright: ignore
    assert sampler.cpu_percent(0, 10**9) == 100
    assert sampler.cpu_percent(10**9, 2 * 10**9) == 0
    assert sampler.cpu_percent(0, 2 * 10**9) == 50
    assert sampler.cpu_percent(5 * 10**8, 15 * 10**8) == 50
    assert sampler.cpu_percent(5 * 10**8, 5 * 10**8 + 1) == 100
    assert Sampler(0).cpu_percent(0, 1) is None
    for _ in range(10_000):
        sampler.note_cpu()
    assert len(sampler._times) <= 4096  # pyright: ignore


def test_status_counts(spool: Spool) -> None:
    for _ in range(5):
        with jollyscope.step("s"):
            pass
    assert jollyscope.flush()
    status = jollyscope.status()
    assert (status.recorded, status.written, status.waiting, status.dropped) == (5, 5, 0, 0)
    assert status.enabled
    assert status.last_error is None
    assert status.folder is not None
    assert status.folder.parent == spool.home / "spool"


def test_beyond_the_bound_spans_are_dropped_counted_and_told(
    idle: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    trouble = Trouble()
    config = Config(sdk=SdkConfig(queue=10, sample_ms=0))
    texts = Texts(1000, None, trouble)
    recorder, processor = make_recorder(config, idle.home / "spool", Converter(texts), trouble)
    recorder._starting.acquire()  # pyright: ignore - nobody drains
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("t")
    threads = [threading.Thread(target=_make_spans, args=(tracer, 50)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (recorder.waiting, recorder.dropped) == (10, 190)
    recorder._starting.release()  # pyright: ignore
    assert recorder.flush(5)
    assert (recorder.outbox.written, recorder.dropped) == (10, 190)
    assert len([r for r in idle.lines() if r.state == "closed"]) == 10
    assert caplog.text.count("drops spans: 10 are waiting already") == 1
    recorder.stop(5)


def _make_spans(tracer: trace.Tracer, count: int) -> None:
    for _ in range(count):
        tracer.start_span("s").end()


def test_many_threads_lose_nothing(spool: Spool) -> None:
    tracer = trace.get_tracer("t")
    threads = [threading.Thread(target=_make_spans, args=(tracer, 1000)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [r.span_id for r in spool.closed()]
    assert len(ids) == len(set(ids)) == 8000


def test_settings_given_to_init_are_checked(idle: Spool) -> None:
    with pytest.raises(UsageError, match="flush"):
        idle.init(flush_miliseconds=3)
    with pytest.raises(UsageError, match="max_text"):
        idle.init(max_text=0)
    assert not jollyscope.status().enabled


def test_broken_settings_do_not_stop_an_agent(
    idle: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JOLLYSCOPE_SDK_FLUSH_MS", "soon")
    idle.init()
    assert jollyscope.status().enabled
    assert "JOLLYSCOPE_SDK_FLUSH_MS" in caplog.text
    assert "records with its default settings" in caplog.text
    jollyscope.shutdown()
    monkeypatch.setenv("JOLLYSCOPE_SDK_ENABLED", "false")
    idle.init()
    assert not jollyscope.status().enabled


def test_init_twice_and_again_after_shutdown(spool: Spool) -> None:
    spool.init(service="other")
    with jollyscope.step("one"):
        pass
    jollyscope.shutdown()
    with jollyscope.step("lost"):
        pass
    jollyscope.shutdown()
    spool.init(service="again")
    with jollyscope.step("two"):
        pass
    assert [(r.name, r.service) for r in spool.closed()] == [("one", "test"), ("two", "again")]


def test_a_provider_that_takes_no_processors(caplog: pytest.LogCaptureFixture) -> None:
    assert not join(SimpleNamespace(), None)  # type: ignore[arg-type]


def test_a_foreign_provider_is_told_once(
    idle: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(setup, "current_provider", SimpleNamespace)
    idle.init()
    with jollyscope.run("agent") as run:
        assert run.trace_id == ""
    assert caplog.text.count("takes no span processors") == 1
    assert not jollyscope.status().enabled


def test_a_span_that_cannot_be_recorded_takes_no_other_along(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    right = Converter.closed

    def wrong(self, taken, *rest):  # type: ignore[no-untyped-def]
        if taken[0] == "odd":
            raise RuntimeError("odd one")
        return right(self, taken, *rest)

    monkeypatch.setattr(Converter, "closed", wrong)
    for name in ("a", "odd", "b"):
        with jollyscope.step(name):
            pass
    assert [r.name for r in spool.closed()] == ["a", "b"]
    status = jollyscope.status()
    assert (status.recorded, status.written, status.dropped) == (3, 2, 1)
    assert "odd one" in caplog.text
