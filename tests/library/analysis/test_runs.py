"""What makes runs slow and dear: worked by hand, planted in data, and not found where it is not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given

from jollyscope.analysis.alike import masked, top_frame
from jollyscope.analysis.critical_path import critical_path
from jollyscope.analysis.finding import Request
from jollyscope.analysis.growth import kendall, resent
from jollyscope.analysis.report import ANALYSES, chosen
from jollyscope.analysis.retries import series
from jollyscope.analysis.runs import totals
from jollyscope.analysis.savings import savings
from jollyscope.errors import UsageError
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import build_tree
from jollyscope.query.filter import parse
from jollyscope.query.scope import Scope
from tests.library.analysis.planted import (
    START,
    clean,
    found,
    reported,
    root,
    run_of,
    span,
    stored,
    think,
    tool,
)
from tests.library.analysis.test_critical_path import traces

MINE = ("bottlenecks", "waiting", "repeats", "retries", "growth", "errors")


def saved(*spans) -> dict[int, float]:
    """By number of the span, ms."""
    tree = build_tree(spans)
    return {int(k, 16): v / 1e6 for k, v in savings(tree, critical_path(tree)).items()}


def test_paths_as_jaeger_draws_them():
    """Two of the examples that Jaeger's own tests work out."""

    def path(*spans):
        found = critical_path(build_tree(spans)).segments
        return [(int(s.node.span_id, 16), s.start - START, s.end - START) for s in found if s.node]

    def placed(number, start, took, parent=None):
        return SpanRecord(
            trace_id="a" * 32, span_id=f"{number:016x}", start_time=START + start,
            end_time=START + start + took,
            parent_span_id=None if parent is None else f"{parent:016x}",
        )  # fmt: skip

    after_each_other = [placed(3, 1, 100), placed(4, 20, 20, 3), placed(5, 50, 10, 3)]
    assert path(*after_each_other) == [
        (3, 1, 20), (4, 20, 40), (3, 40, 50), (5, 50, 60), (3, 60, 101),
    ]  # fmt: skip
    # A child that sticks out at both ends is cut to its parent.
    assert path(placed(1, 10, 20), placed(2, 5, 30, 1)) == [(2, 10, 30)]


def test_a_step_alone_saves_its_time():
    assert saved(root(1, 100), span(1, 2, 10, 60)) == {1: 100, 2: 60}


def test_of_two_at_once_the_longer_saves_what_it_is_longer():
    # 2 runs from 0 to 100, 3 from 0 to 60: without 2 the run takes 60, without 3 it takes 100.
    assert saved(root(1, 100), span(1, 2, 0, 100), span(1, 3, 0, 60)) == {1: 40, 2: 40}


def test_below_a_step_its_own_calls_are_its_own():
    assert saved(root(1, 100), span(1, 2, 0, 80), span(1, 3, 10, 50, 2)) == {1: 100, 2: 80, 3: 50}


@given(traces())
def test_no_step_saves_more_than_its_time_on_the_path(spans):
    tree = build_tree(spans)
    path = critical_path(tree)
    held = savings(tree, path)
    assert all(0 < time <= path.end - path.start for time in held.values())
    on_path = path.nodes
    assert set(held) <= on_path
    for node in tree.walk():
        assert sum(held.get(c.span_id, 0) for c in node.children) <= held.get(node.span_id, 0) or (
            node.parent is None and node.span is None
        )


def test_the_bottleneck_is_named_with_what_it_would_save():
    runs = [
        [root(n, 1000), think(n, 2, 0, 100), tool(n, 3, 100, 800, "slow"), tool(n, 4, 100, 300, "beside"),
         think(n, 5, 900, 100)]
        for n in range(1, 5)
    ]  # fmt: skip
    first, second = found("bottlenecks", *runs)
    assert (first.filter, second.filter) == ("model:gpt-4o", "tool:slow") or (
        first.filter, second.filter) == ("tool:slow", "model:gpt-4o")  # fmt: skip
    slow = next(f for f in (first, second) if f.filter == "tool:slow")
    assert slow.saves_ms == pytest.approx(4 * 500)
    assert slow.evidence.numbers["path_ms"] == pytest.approx(4 * 800)
    assert slow.evidence.numbers["path_share"] == pytest.approx(0.8)
    assert slow.severity == "high"


def test_waiting_is_what_no_step_accounts_for():
    (one,) = found("waiting", [root(1, 1000), tool(1, 2, 0, 300), tool(1, 3, 600, 400)])
    assert (one.saves_ms, one.evidence.numbers["longest_ms"]) == (300, 300)
    assert not found("waiting", [root(1, 1000), tool(1, 2, 0, 1000)])


def test_the_same_call_with_the_same_answer_is_a_repeat():
    same = {"input": '{"q": 1, "k": 2}', "output": "x"}
    turned = same | {"input": '{"k": 2.0, "q": 1}'}
    run = [root(1, 400), tool(1, 2, 0, 100, **same), tool(1, 3, 100, 100, **turned),
           tool(1, 4, 200, 100, **same), tool(1, 5, 300, 100)]  # fmt: skip
    (one,) = found("repeats", run)
    assert one.evidence.numbers == {"runs": 1, "repeated": 2, "most_in_a_run": 2}
    assert one.saves_ms == 200
    assert one.filter == "tool:search"


def test_polling_and_trying_again_are_no_repeats():
    same = {"input": "{}"}
    polled = [root(1, 300), *(tool(1, n, n * 50, 50, output=f"{n} %", **same) for n in (2, 3, 4))]
    tried = [root(1, 200), tool(1, 2, 0, 100, status="error", output="x", **same),
             tool(1, 3, 100, 100, output="x", **same)]  # fmt: skip
    assert not found("repeats", polled, tried)


def test_a_thought_loop_and_its_price():
    thoughts = [think(1, n, n * 100, 100, output="I need to search") for n in range(2, 7)]
    (one,) = found("repeats", [root(1, 700), *thoughts])
    assert one.evidence.numbers["repeated"] == 4
    assert one.saves_usd == pytest.approx(0.004)
    assert "thought the same thing again" in one.what


def failing(number: int, start: float, ms: float = 100, **more):
    return tool(1, number, start, ms, status="error", error_type="Timeout", **more)


def test_retries_are_counted_with_their_outcome():
    run = [root(1, 600), failing(2, 0), failing(3, 100), tool(1, 4, 200, 100),
           failing(5, 300), failing(6, 400)]  # fmt: skip
    assert [(len(s.calls), s.worked) for s in series(run_of(run).calls)] == [(3, True), (2, False)]
    (one,) = found("retries", run)
    assert one.saves_ms == 300
    numbers = one.evidence.numbers
    assert (numbers["failed_calls"], numbers["came_through"], numbers["gave_up"]) == (3, 1, 1)


def test_calls_beside_each_other_are_no_retries():
    run = [root(1, 200), failing(2, 0, 100), tool(1, 3, 50, 100), tool(1, 4, 100, 50, "other")]
    assert not found("retries", run)


def turns(trace: int, sizes: list[int]):
    return [think(trace, n + 2, n * 100, 100, input_tokens=size) for n, size in enumerate(sizes)]


def test_kendall_by_hand():
    # Of 4 values all 6 pairs rise: 4 * 3 * 13 / 18. With a tie one pair counts nothing.
    assert kendall([1, 2, 3, 4]) == (6, pytest.approx(26 / 3))
    assert kendall([1, 2, 2, 3]) == (5, pytest.approx((156 - 18) / 18))
    assert kendall([5, 5, 5]) == (0, 0)


def test_tokens_sent_again():
    calls = turns(1, [1000, 1500, 1200])
    # Each has 50 tokens of output: 1,050 of 1,500, and all 1,200 of the last.
    assert resent(calls) == 1050 + 1200


def test_a_growing_context_is_found_with_its_price():
    sizes = [1000 * n for n in range(1, 11)]
    (one,) = found("growth", [root(1, 1000), *turns(1, sizes)])
    numbers = one.evidence.numbers
    assert (numbers["growth_times"], numbers["a_turn_tokens"]) == (10, 1000)
    assert numbers["resent_tokens"] == sum(sizes[:-1]) + 9 * 50
    # gpt-4o: 2.50 dollars a million tokens of input.
    assert one.saves_usd == pytest.approx(2.5e-6 * (sum(sizes[:-1]) + 450))


def test_contexts_that_only_vary_are_no_growth():
    draw = random.Random(3)
    alarms = 0
    for _ in range(300):
        runs = [
            [root(n, 800), *turns(n, [draw.choice([300, 900, 2700]) for _ in range(8)])]
            for n in range(1, 4)
        ]
        alarms += len(found("growth", *runs))
    assert alarms <= 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("order 41 not found", "order 977 not found", "order <n> not found"),
        ("no file /a/b.txt here", "no file /x/y/z.md here", "no file <path> here"),
        ("bad 'x y' value", "bad 'z' value", "bad <text> value"),
        ("GET https://a.b/c?d=1 failed", "GET http://x/ failed", "GET <url> failed"),
        ("user 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "user 00000000-0000-0000-0000-000000000000",
         "user <id>"),
        ("at 0x7f3a12", "at 0xdeadbeef", "at <id>"),
        ("call_a8F3kd82jd failed", "call_99sk3JJd8s failed", "<id> failed"),
        ("took 1.5s of 2,000 ms", "took 30s of 17 ms", "took <n>s of <n> ms"),
        ("订单 12 不存在", "订单 9 不存在", "订单 <n> 不存在"),
        ("since 2026-11-20T14:03:11Z", "since 2025-01-01", "since <time>"),
    ],
    ids=["number", "path", "quoted", "url", "uuid", "hex", "id", "unit", "chinese", "time"],
)  # fmt: skip
def test_messages_of_one_template_are_one(one, other, same):
    assert masked(one) == masked(other) == same


def test_words_stay():
    for text in ("connection refused", "don't do that, it's wrong", "feedface accede", "查无此人"):
        assert masked(text) == text


@pytest.mark.parametrize(
    ("stack", "frame"),
    [
        ('Traceback (most recent call last):\n  File "/a/main.py", line 3, in run\n    go()\n'
         '  File "/a/b/tool.py", line 9, in go\n    raise X\nX: y', "tool.py:go"),
        ("java.io.IOException: x\n\tat com.shop.Cart.add(Cart.java:12)\n\tat com.shop.Main.main(Main.java:3)",
         "Cart.java:add"),
        ("Error: x\n    at fetchIt (/srv/app/http.js:12:7)\n    at main (/srv/app/index.js:1:1)",
         "http.js:fetchIt"),
        ("Error: x\n    at /srv/app/http.js:12:7", "http.js"),
        ("something else", ""), (None, ""),
    ],
    ids=["python", "java", "script", "nameless", "other", "none"],
)  # fmt: skip
def test_the_innermost_frame(stack, frame):
    assert top_frame(stack) == frame


def test_errors_are_one_kind_and_count_where_they_began():
    def run(n: int, code: int):
        error = {"status": "error", "error_type": "ApiError", "error_message": f"code {code}"}
        return [root(n, 100, **error), tool(n, 2, 0, 50, **error)]

    (one,) = found("errors", run(1, 500), run(2, 17), [root(3, 100)])
    numbers = one.evidence.numbers
    assert (numbers["errors"], numbers["runs"], numbers["failed_runs"]) == (2, 2, 2)
    assert numbers["example"] == "code 17"
    assert str(numbers["first"]) < str(numbers["last"])
    assert one.saves_ms == 200
    assert one.what.startswith("`ApiError: code <n>` 2 times in 2 of 3 runs, mostly in `search`")


def test_clean_runs_raise_no_alarm(tmp_path: Path):
    store = stored(tmp_path, clean(300))
    told = reported(store, "waiting", "repeats", "retries", "growth", "errors")
    store.close()
    assert told.totals.runs == 300
    assert told.found == []


def test_what_is_planted_is_found_first(tmp_path: Path):
    bad = 1000
    loop = {"input": "{}", "output": "same"}
    planted = [
        root(bad, 60_000),
        *(tool(bad, n, n * 1000, 1000, "stuck", **loop) for n in range(2, 50)),
        tool(bad, 60, 50_000, 5000, "flaky", status="error", error_message="lost 7"),
        tool(bad, 61, 55_000, 5000, "flaky"),
    ]
    store = stored(tmp_path, [*clean(60), *planted])
    told = reported(store, *MINE)
    only = reported(store, *MINE, request=Request(trace_id=f"{bad:032x}"))
    with store.reader() as reader:
        for one in told.found:
            listed = totals(reader, Scope(filter=parse(one.finding.filter)))
            assert listed.runs >= one.finding.evidence.numbers["runs"] >= 1
    store.close()
    by_name = {
        one.analysis.name: one.finding for one in told.found if one.analysis.name != "bottlenecks"
    }
    assert by_name["repeats"].evidence.numbers["repeated"] == 47
    assert by_name["repeats"].saves_ms == pytest.approx(47_000)
    assert by_name["retries"].saves_ms == pytest.approx(5000)
    assert by_name["errors"].evidence.numbers["errors"] == 1
    assert told.found[0].finding.filter == "tool:stuck"
    assert only.totals.runs == 1
    assert {one.analysis.name for one in only.found} >= {
        "bottlenecks",
        "repeats",
        "retries",
        "errors",
    }


def test_names_are_unique_and_chosen():
    names = [one.name for one in ANALYSES]
    assert len(set(names)) == len(names)
    assert [one.name for one in chosen(["errors", "waiting"])] == ["waiting", "errors"]
    assert all(one.method.endswith(".") and one.title for one in ANALYSES)
    with pytest.raises(UsageError, match="no analysis `retry`"):
        chosen(["retry"])
