"""Every shipped task, run for real: the shape of its trace."""

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import jollyscope
from jollyscope.demo.api import TASKS, run_demo
from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.model.records import SpanRecord

from .conftest import Record, Recorded


@pytest.fixture(scope="module")
def demo(record: Record) -> Recorded:
    return record(scale=0.5)


def spans_of(demo: Recorded, name: str, turn: int = 0) -> list[SpanRecord]:
    """The spans of a task, found through the order of the trace ids."""
    names = [(task.name, turn) for task in TASKS for turn in range(1 + len(task.follow_ups))]
    return demo.traces[demo.trace_ids[names.index((name, turn))]]


def acts(spans: list[SpanRecord]) -> list[SpanRecord]:
    return [span for span in spans if span.step_type == "act"]


def steps(spans: list[SpanRecord]) -> str:
    return " ".join(
        span.tool_name or span.step_type if span.step_type == "act" else span.step_type
        for span in spans
    )


def test_every_question_is_one_whole_trace(demo: Recorded) -> None:
    assert len(demo.trace_ids) == len(demo.traces) == sum(1 + len(t.follow_ups) for t in TASKS)
    assert {task.language for task in TASKS} == {"en", "zh"}
    for trace_id in demo.trace_ids:
        spans = demo.traces[trace_id]
        [root] = [span for span in spans if span.parent_span_id is None]
        ids = {span.span_id for span in spans}
        assert root.step_type == "user_input"
        assert root.service == "jolly-demo"
        assert all(s.parent_span_id in ids for s in spans if s is not root)
        assert all(s.state == "closed" for s in spans)
        assert all(root.start_time <= s.start_time for s in spans)
        assert all((s.end_time or 0) <= (root.end_time or 0) for s in spans)
        assert {s.session_id for s in spans} == {root.session_id}
        assert root.session_id
        assert root.user_id


def test_thoughts_count_tokens_and_leave_the_cost_unknown(demo: Recorded) -> None:
    for spans in demo.traces.values():
        for thought in (span for span in spans if span.step_type == "think"):
            assert (thought.model, thought.provider) == ("offline-planner", "jollyscope")
            assert (thought.input_tokens or 0) > 20
            assert (thought.output_tokens or 0) > 5
            assert thought.cost_usd is None
            assert thought.output


def test_only_the_failing_task_fails(demo: Recorded) -> None:
    roots = {spans[0].input: spans[0].status for spans in demo.traces.values()}
    failed = [question for question, status in roots.items() if status == "error"]
    assert failed == ["Read orders-2019.txt and add up the amounts."]


def test_lookup_then_calculation(demo: Recorded) -> None:
    spans = spans_of(demo, "lookup")
    assert steps(spans) == (
        "user_input think search observe think calculator observe think response"
    )
    assert "71.76" in (spans[0].output or "")


def test_compare_in_chinese(demo: Recorded) -> None:
    spans = spans_of(demo, "compare")
    assert [a.tool_name for a in acts(spans)] == ["search", "search", "calculator"]
    assert "237.86" in (spans[0].output or "")


def test_parallel_tools_overlap(demo: Recorded) -> None:
    called = acts(spans_of(demo, "parallel"))
    assert {a.tool_name for a in called} == {"clock", "calculator", "search"}
    assert len({a.parent_span_id for a in called}) == 1
    assert max(a.start_time for a in called) < min(a.end_time or 0 for a in called)


def test_file_is_found_under_its_right_name(demo: Recorded) -> None:
    spans = spans_of(demo, "file")
    assert [(a.tool_name, a.status == "error") for a in acts(spans)] == [
        ("read_file", True),
        ("read_file", False),
        ("calculator", False),
    ]
    assert "1194.15" in (spans[0].output or "")


def test_flaky_tool_is_retried(demo: Recorded) -> None:
    spans = spans_of(demo, "flaky")
    *lost, last = acts(spans)
    assert [a.error_type for a in lost] == ["TimeoutError", "TimeoutError"]
    assert all((a.duration_ms or 0) > 200 for a in lost)
    assert last.status != "error"
    assert [a.attributes.get("retry.attempt") for a in (*lost, last)] == [None, 2, 3]
    for one, other in pairwise((*lost, last)):
        assert (one.end_time or 0) < other.start_time
    assert "小雨" in (spans[0].output or "")


def test_sub_agent_nests(demo: Recorded) -> None:
    spans = spans_of(demo, "sub-agent")
    by_id = {span.span_id: span for span in spans}
    [inner] = [s for s in spans if s.attributes.get("gen_ai.agent.name") == "researcher"]
    call = by_id[inner.parent_span_id or ""]
    assert (call.step_type, call.tool_name) == ("act", "researcher")
    below = [span for span in spans if span.parent_span_id == inner.span_id]
    assert Counter(s.step_type for s in below) == {
        "think": 2,
        "act": 2,
        "observe": 2,
        "response": 1,
    }


def test_failing_task_ends_in_an_error_with_its_stack(demo: Recorded) -> None:
    spans = spans_of(demo, "failing")
    [call] = acts(spans)
    for span in (spans[0], call):
        assert span.status == "error"
        assert span.error_type == "UnicodeDecodeError"
    assert "read_text" in (call.stack_trace or "")
    assert "response" not in steps(spans)
    assert any("✖ UnicodeDecodeError" in line for line in demo.told)


def test_looping_task_repeats_itself_until_stopped(demo: Recorded) -> None:
    spans = spans_of(demo, "looping")
    repeats = Counter((a.tool_name, a.input) for a in acts(spans)).most_common(1)[0][1]
    assert repeats >= 3
    assert [s.name for s in spans if s.step_type == "observe"][-1] == "loop guard"
    assert all(span.status != "error" for span in spans)
    assert spans[-1].step_type == "response"


def test_session_has_two_turns_and_the_second_leans_on_the_first(demo: Recorded) -> None:
    first, second = spans_of(demo, "session"), spans_of(demo, "session", 1)
    assert first[0].session_id == second[0].session_id
    assert first[0].trace_id != second[0].trace_id
    assert "836" in (second[0].output or "")
    assert any("长江" in (a.input or "") for a in acts(second))


def test_progress_tells_every_question_and_answer(demo: Recorded) -> None:
    told = "\n".join(demo.told)
    for task in TASKS:
        assert all(question in told for question in (task.question, *task.follow_ups))
    assert told.count("✔") + told.count("✖") == len(demo.trace_ids)


def test_tasks_are_chosen_by_name(record: Record) -> None:
    recorded = record(["compare", "lookup"])
    assert [recorded.traces[t][0].input for t in recorded.trace_ids] == [
        "珠穆朗玛峰比乔戈里峰高多少米？",
        "How many days would it take to walk the Grand Canal at 25 km per day?",
    ]
    with pytest.raises(UsageError, match="There is no task `nonsense`"):
        record(["nonsense"])


def test_recording_switched_off_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jollyscope.shutdown()
    monkeypatch.setenv("JOLLYSCOPE_SDK_ENABLED", "false")
    with pytest.raises(UsageError, match="switched off"):
        run_demo(tasks=["compare"], home=tmp_path, on_progress=print, environ={})


def test_records_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    jollyscope.shutdown()
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(JollyScopeError, match="could not be recorded"):
        run_demo(tasks=["file"], home=tmp_path, on_progress=print, environ={})


def test_module_runs_by_itself(tmp_path: Path) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("JOLLYSCOPE", "OPENAI"))}
    environ |= {"JOLLYSCOPE_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "jollyscope.demo", "compare"],
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "237.86" in done.stdout
    wrong = subprocess.run(
        [sys.executable, "-m", "jollyscope.demo", "nonsense"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert wrong.returncode == 2
    assert "There are: lookup" in wrong.stderr


def test_demo_loads_nothing_heavy() -> None:
    code = (
        "import sys, json, jollyscope.demo.api\n"
        "print(json.dumps([m for m in ('duckdb', 'textual', 'typer', 'rich') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
