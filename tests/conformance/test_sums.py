"""Sums over spans count a call that two libraries recorded once, as a trace's own sums do; however
its spans came to the store.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanRecord
from jollyscope.query.groups import ModelRow, ToolRow, grouped, list_groups
from jollyscope.query.histogram import histogram
from jollyscope.query.scope import Scope
from tests import plain
from tests import strategies as s
from tests.conformance.conftest import Maker, Subject
from tests.conformance.test_views import nest

TRACES = [f"{n:032x}" for n in (1, 2)]
BASE = 10**18


def needs_sums(subject: Subject) -> None:
    """Skip where a store has no `dws_spans` (yet)."""
    with subject.store.reader(load=False) as reader:
        try:
            reader.query("SELECT count(*) FROM dws_spans")
        except StoreError:
            pytest.skip("this store counts every span")


def near(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Floats depend on the order of adding."""
    return tuple(pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for v in values)


def test_groups_are_plain_sums(make: Maker):
    @make.examples(16)
    @given(data=st.data())
    def are_plain_sums(data: st.DataObject) -> None:
        subject = make()
        needs_sums(subject)
        records = data.draw(
            st.lists(
                st.sampled_from(TRACES).flatmap(lambda t: s.spans(trace_id=t)),
                min_size=1,
                max_size=10,
                unique_by=lambda r: r.span_id,
            )
        )
        nest(data, records)
        for record in records:
            # Within what a double adds up exactly enough.
            record.model = data.draw(st.sampled_from([None, "m", "n"]))
            record.input_tokens = data.draw(st.sampled_from([None, 1, 10, 100]))
            record.cost_usd = data.draw(st.sampled_from([None, 0.5, 2.0]))
            if record.duration_ms is not None:
                record.duration_ms = min(record.duration_ms, 1e6)
        cut = data.draw(st.integers(0, len(records)))
        subject.feed(records[:cut])
        subject.feed(records[cut:], load=data.draw(st.booleans()))
        traces = [[r for r in records if r.trace_id == trace_id] for trace_id in TRACES]
        with subject.store.reader(load=False) as reader:
            for by in ("step", "tool", "model", "service"):
                found = {
                    row.key: (
                        row.count,
                        row.error_count,
                        row.total_ms,
                        row.input_tokens,
                        row.cost_usd,
                    )
                    for row in grouped(reader, by, Scope(), limit=0).rows
                }
                expected = plain.sums(traces, by)
                assert found == {key: near(row) for key, row in expected.items()}, by
            for row, view, key in (
                (ToolRow, "ads_tools", "tool_name"),
                (ModelRow, "ads_models", "model"),
            ):
                held = reader.query(
                    f"SELECT {key}, sum(call_count) FROM {view} GROUP BY {key}"
                ).rows
                expected = plain.sums(traces, "tool" if row is ToolRow else "model")
                assert {name: int(n) for name, n in held} == {k: v[0] for k, v in expected.items()}
                listed = list_groups(reader, row, Scope(), sort="call_count", limit=0).rows
                assert sum(r.call_count for r in listed) == sum(n for _, n in held)
            total = sum(row[3] or 0 for row in plain.sums(traces, "service").values())
            minutes = reader.query(
                "SELECT sum(input_tokens) FROM dws_minutes WHERE step_type <> 'user_input'"
            ).rows[0][0]
            buckets = histogram(reader, Scope(), of="spans").buckets
            assert total == int(minutes or 0) == sum(b.input_tokens or 0 for b in buckets)

    are_plain_sums()


def doubled(n: int) -> list[SpanRecord]:
    """A tool call and a model call, each by two libraries."""
    made: list[SpanRecord] = []
    for number, (step, tool, model, above) in enumerate(
        [
            ("act", "search", None, None),
            ("act", "search", None, 1),
            ("think", None, "m", None),
            ("other", None, None, 3),
            ("think", None, "m", 4),
        ],
        1,
    ):
        made.append(
            SpanRecord(
                trace_id=f"{n:032x}",
                span_id=f"{n * 10 + number:016x}",
                parent_span_id=f"{n * 10 + above:016x}" if above else None,
                step_type=step,
                tool_name=tool,
                model=model,
                input_tokens=7 if model else None,
                start_time=BASE + n * 100 + number,
                end_time=BASE + n * 100 + 50 - number,
                duration_ms=float(number),
            )
        )
    return made


@pytest.mark.parametrize("since", [None, BASE + 300])
def test_inner_spans_that_come_first_count_when_the_outer_ones_have_come(
    subject: Subject, since: int | None
):
    needs_sums(subject)
    traces = [doubled(n) for n in range(1, 6)]
    spans = [span for trace in traces for span in reversed(trace)]
    for at in range(0, len(spans), 3):
        subject.feed(spans[at : at + 3], load=at < 18)
    for compacted in (False, True):
        if compacted and subject.store.capabilities.maintain:
            subject.store.compact()
        within = [t for t in traces if since is None or t[0].start_time >= since]
        with subject.store.reader(load=False) as reader:
            for by, key in (("step", "act"), ("tool", "search"), ("model", "m")):
                rows = grouped(reader, by, Scope(since=since), limit=0).rows
                found = {row.key: (row.count, row.input_tokens) for row in rows}
                expected = plain.sums(within, by)
                assert found == {name: (row[0], row[3]) for name, row in expected.items()}
                assert found[key][0] == len(within)
