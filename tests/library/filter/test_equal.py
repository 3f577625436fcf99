"""Three implementations of one language, held equal: DuckDB, ClickHouse, Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import FilterError, Query, parse
from jollyscope.query.filter.nodes import Has, terms
from tests.library.filter import data
from tests.library.filter.data import NOW
from tests.library.filter.engines import Click, Duck, ask

RELAXED = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)


def by_trace(records: list[SpanRecord]) -> dict[str, list[SpanRecord]]:
    found: dict[str, list[SpanRecord]] = defaultdict(list)
    for record in records:
        found[record.trace_id].append(record)
    return found


def span_test(query: Query) -> Callable[[SpanRecord], bool] | None:
    """The filter on single spans; None where it has a term about whole traces."""
    try:
        return query.predicate(NOW)
    except FilterError:
        assert any(
            name.field.level == "trace" or name.field.added
            for term in terms(query.root)
            for name in (term.of if isinstance(term, Has) else [getattr(term, "of", None)])
            if name is not None
        )
        return None


@settings(RELAXED, max_examples=30)
@given(found=data.annotated(), filters=st.lists(data.filters, min_size=4, max_size=7))
def test_every_engine_finds_the_same(
    duck: Duck, click: Click, found: data.Annotated, filters: list[str]
):
    records, annotations = found
    duck.fill(records, annotations)
    click.fill(records, duck)
    whole = by_trace(records)
    for text in filters:
        query = parse(text)
        assert parse(str(query)) == query
        matches = query.trace_predicate(
            NOW, lambda trace: (one for one in annotations if one.trace_id == trace)
        )
        wanted = sorted(trace for trace, spans in whole.items() if matches(spans))
        assert ask(duck, query, "traces", NOW) == wanted, text
        assert ask(click, query, "traces", NOW) == wanted, text
        spans = ask(duck, query, "spans", NOW)
        assert ask(click, query, "spans", NOW) == spans, text
        holds = span_test(query)
        if holds is not None:
            assert spans == sorted(r.span_id for r in records if holds(r)), text
        assert ask(duck, query, "sessions", NOW) == ask(click, query, "sessions", NOW), text
