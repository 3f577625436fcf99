"""What the list asks, answered by a real lake: every part is the same piece of the whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jollyscope.model.wire import encode_lines
from jollyscope.query import scope as scope_module
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from jollyscope_tui.sources.lists import Order, Part, identity, key_of
from jollyscope_tui.sources.narrowing import Hidden
from jollyscope_tui.sources.source import StoreSource
from jollyscope_tui.view import ALL, View
from tests.tui import fakes

NOW = fakes.NOW
TRACES = 41


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreSource]:
    home = tmp_path_factory.mktemp("lake")
    writer = SpoolWriter(spool_dir(home))
    for n in range(TRACES):
        whole = fakes.span(
            n + 1, None, -n * 600, 1 + n % 5, trace_id=fakes.trace_id(n + 1), name="run",
            step_type="user_input", session_id=f"s{n // 4}", user_id="ann" if n % 2 else "bob",
            service="shop", input=f"question {n}", status="error" if n % 7 == 3 else "ok",
            tool_name=None,
        )  # fmt: skip
        writer.write("span", encode_lines([whole]))
    writer.close()
    LakeStore(home).load()
    made = StoreSource(f"lake://{home}")
    yield made
    made.close()


@pytest.mark.parametrize("group", ["traces", "sessions"])
@pytest.mark.parametrize("sort", ["start_time", "duration_ms"])
@pytest.mark.parametrize("filter", ["", "user:ann"])
def test_every_part_is_a_piece_of_the_whole(
    source: StoreSource, group: str, sort: str, filter: str
) -> None:
    view = View(filter=filter, sort=sort, group="sessions" if group == "sessions" else "traces")
    selection = source.lists.select(view, NOW)
    whole = source.lists.rows(selection, Part(100))
    total = len(whole)
    assert source.lists.count(selection) == total
    assert total == len({identity(row) for row in whole})
    for at in (0, 3, total // 2, total - 2):
        key = key_of(whole[at], Order(sort))
        assert source.lists.rows(selection, Part(4, offset=at)) == whole[at : at + 4]
        assert source.lists.rows(selection, Part(4, key)) == whole[at + 1 : at + 5]
        assert (
            source.lists.rows(selection, Part(4, key, backwards=True)) == whole[max(0, at - 4) : at]
        )
        back = source.lists.rows(selection, Part(4, offset=at, backwards=True))
        assert back == whole[max(0, total - at - 4) : total - at]
        near = source.lists.snapshot(selection, 4, key)
        assert (near.place, near.near, near.total) == (at + 1, whole[at + 1 : at + 5], total)
        assert near.rows == whole[:4]
    assert source.lists.snapshot(selection, 4, count=False).total is None
    assert source.lists.snapshot(selection, 100, count=False).total == total


def test_the_traces_of_a_session_are_all_of_them(source: StoreSource) -> None:
    selection = source.lists.select(View(filter="status:error", group="sessions"), NOW)
    rows = source.lists.rows(selection.session("s0"), Part(10))
    assert [identity(row) for row in rows] == [fakes.trace_id(n) for n in (1, 2, 3, 4)]


def test_what_helps_to_narrow(source: StoreSource) -> None:
    narrowing = source.narrowing
    assert narrowing.values("user", "a") == ["ann"]
    selection = source.lists.select(View(filter="status:error", since="2h"), NOW)
    assert source.lists.count(selection) == 2
    found = {facet.field: facet.values for facet in narrowing.facets(selection)}
    assert [(one.value, one.count) for one in found["status"]] == [("error", 2)]
    histogram = narrowing.histogram(selection, 20)
    assert sum(bucket.count for bucket in histogram.buckets) == 2
    nothing = source.lists.select(View(filter="status:error user:nobody", since="30m"), NOW)
    assert narrowing.hidden(nothing) == Hidden(TRACES, 0, 3)


def test_a_large_store_bounds_a_question_and_all_times_do_not(
    source: StoreSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_module, "BOUND_SPANS", 10)
    monkeypatch.setattr(scope_module, "BOUND_NS", 3600 * 10**9)
    bounded = source.lists.select(View(filter="question"), NOW)
    assert bounded.scope.bound
    assert source.lists.count(bounded) < TRACES
    unbound = source.lists.select(View(filter="question", since=ALL), NOW)
    assert not unbound.scope.bound
    assert source.lists.count(unbound) == TRACES
    assert not source.lists.select(View(), NOW).scope.bound
