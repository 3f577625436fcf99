"""Merged parts: every row is there, and each trace's row is what its spans say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.manifest import PartDraft, sql_text
from jollyscope.store.lake.parts import Engine

ALIKE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "lake", 1024)


def written(engine: Engine, spans: list[tuple[int, int]], first: int = 0) -> PartDraft:
    """A part of spans given as (trace, tokens)."""
    records = [
        SpanRecord(
            trace_id=f"{trace + 1:032x}", span_id=f"{first + n + 1:016x}",
            start_time=10**18 + (first + n) * 1000, end_time=10**18 + (first + n) * 1000 + 500,
            duration_ms=0.0005, name=f"step {n}", step_type="think", model="m", input=f"问 {n}",
            parent_span_id=f"{n:016x}" if n else None, input_tokens=tokens, output_tokens=n,
        )
        for n, (trace, tokens) in enumerate(spans)
    ]  # fmt: skip
    [part] = engine.write_lines("span", encode_lines(records), [r.start_time for r in records])
    return part


def rows(engine: Engine, path: str) -> list[tuple[object, ...]]:
    return engine._con.execute(  # pyright: ignore[reportPrivateUsage]
        f"FROM read_parquet('{engine.lake / path}') ORDER BY ALL"
    ).fetchall()


def summed(engine: Engine, part: PartDraft) -> list[tuple[object, ...]]:
    """Trace rows made from the spans of a part."""
    text = sql_text("trace_summary").replace(
        "{spans}", f"read_parquet('{engine.lake / part.path}')"
    )
    return engine._con.execute(  # pyright: ignore[reportPrivateUsage]
        f"FROM ({text}) ORDER BY ALL"
    ).fetchall()


batches = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), min_size=1, max_size=8),
    min_size=1,
    max_size=4,
)


@ALIKE
@given(batches=batches, sort=st.booleans())
def test_trace_rows_taken_over_are_those_of_the_spans(
    engine: Engine, batches: list[list[tuple[int, int]]], sort: bool
) -> None:
    """Also of traces that several parts have spans of."""
    parts = [written(engine, batch, n * 100) for n, batch in enumerate(batches)]
    merged = engine.merge("span", [part.path for part in parts], 11_574, sort=sort)
    spans = sorted(row for part in parts for row in map(repr, rows(engine, part.path)))
    assert sorted(map(repr, rows(engine, merged.path))) == spans
    assert merged.summary is not None
    assert rows(engine, merged.summary) == summed(engine, merged)
    assert sorted(merged.trace_ids) == sorted({f"{t + 1:032x}" for b in batches for t, _ in b})


def test_a_broken_summary_is_made_anew(engine: Engine) -> None:
    parts = [written(engine, [(n, 1), (7, 2)], n * 100) for n in range(2)]
    assert parts[0].summary is not None
    (engine.lake / parts[0].summary).write_bytes(b"PAR1 and then nothing")
    merged = engine.merge("span", [part.path for part in parts], 11_574)
    assert merged.summary is not None
    assert rows(engine, merged.summary) == summed(engine, merged)


def test_rows_left_out_are_left_out_of_the_trace_rows(engine: Engine) -> None:
    part = written(engine, [(1, 5), (2, 6), (1, 7)])
    cut = engine.merge("span", [part.path], 11_574, "input_tokens < 7")
    assert cut.row_count == 2
    assert cut.summary is not None
    assert rows(engine, cut.summary) == summed(engine, cut)


def test_large_rows_make_small_row_groups(engine: Engine) -> None:
    """A thread holds a row group in memory until it is full."""
    text = "".join(chr(33 + n % 90) for n in range(100_000))
    records = [
        SpanRecord(
            trace_id=f"{n + 1:032x}", span_id=f"{n + 1:016x}", start_time=10**18 + n,
            end_time=10**18 + n, duration_ms=0, name="step", input=f"{n} {text}",
        )
        for n in range(1_000)
    ]  # fmt: skip
    [part] = engine.write_lines("span", encode_lines(records), [r.start_time for r in records])
    most = engine._con.execute(  # pyright: ignore[reportPrivateUsage]
        f"SELECT max(row_group_num_rows) FROM parquet_metadata('{engine.lake / part.path}')"
    ).fetchone()
    assert most is not None
    assert most[0] < 1_000
