from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry import trace

import jollyscope
from tests.library.sdk.conftest import Spool


def test_every_step_says_what_it_is(spool: Spool) -> None:
    with jollyscope.run("agent", input="q") as run:
        with jollyscope.think("plan", model="gpt-4o", provider="openai", input=[{"a": 1}]) as t:
            t.output("thought")
            t.usage(
                input_tokens=1, output_tokens=2, cached_tokens=3, reasoning_tokens=4, cost_usd=0.5
            )
        with jollyscope.act("search", input={"q": 1}, call_id="c1") as a:
            a.output([1, 2])
            a.attribute("mine", {"x": [1, 2.0, None]})
            a.event("retry", attempt=2)
        with jollyscope.observe("seen", output="page"):
            pass
        jollyscope.observe_now({"rows": 3})
        with jollyscope.respond() as r:
            r.output("answer")
        with jollyscope.step("own", type="other", attributes={"k": "v"}):
            pass
        run.output("answer")
    assert len(run.trace_id) == 32
    assert len(run.span_id) == 16
    root, plan, search = spool.one("agent"), spool.one("plan"), spool.one("search")
    assert (root.step_type, root.input, root.output, root.parent_span_id) == (
        "user_input", "q", "answer", None,
    )  # fmt: skip
    assert (root.trace_id, root.span_id) == (run.trace_id, run.span_id)
    assert (plan.step_type, plan.model, plan.provider) == ("think", "gpt-4o", "openai")
    assert (plan.input, plan.output, plan.cost_usd) == ('[{"a":1}]', "thought", 0.5)
    tokens = plan.input_tokens, plan.output_tokens, plan.cached_tokens, plan.reasoning_tokens
    assert tokens == (1, 2, 3, 4)
    assert (search.step_type, search.tool_name, search.tool_call_id) == ("act", "search", "c1")
    assert (search.input, search.output) == ('{"q":1}', "[1,2]")
    assert search.attributes["mine"] == {"x": [1, 2.0, None]}
    assert search.events[0].name == "retry"
    assert search.events[0].attributes == {"attempt": 2}
    assert "jollyscope.input" not in search.attributes
    assert spool.one("seen").output == "page"
    assert (spool.one("observe").step_type, spool.one("observe").output) == (
        "observe",
        '{"rows":3}',
    )
    assert (spool.one("respond").step_type, spool.one("respond").output) == ("response", "answer")
    assert spool.one("own").attributes["k"] == "v"
    assert {r.trace_id for r in spool.closed()} == {run.trace_id}
    assert {r.parent_span_id for r in spool.closed()} == {None, run.span_id}
    assert {r.service for r in spool.closed()} == {"test"}


def test_a_run_within_a_run_is_a_sub_agent(spool: Spool) -> None:
    with jollyscope.run("outer"), jollyscope.act("delegate"), jollyscope.run("inner", input="x"):
        pass
    assert spool.one("outer").step_type == "user_input"
    assert spool.one("inner").step_type == "other"
    assert spool.one("inner").parent_span_id == spool.one("delegate").span_id


def test_decorators_on_sync_and_async(spool: Spool) -> None:
    @jollyscope.act
    def bare(a: int, *rest: int, b: int = 2, **more: int) -> dict[str, int]:
        return {"sum": a + b}

    @jollyscope.act("named")
    def function(x: int) -> int:
        return x

    @jollyscope.think(model="m")
    async def plan(prompt: str) -> str:
        await asyncio.sleep(0)
        return prompt.upper()

    @jollyscope.run
    async def agent(question: str) -> str:
        return await plan(question)

    class Tools:
        @jollyscope.act
        def method(self, x: int) -> int:
            return x

        @jollyscope.act
        @staticmethod
        def static(x: int) -> int:
            return x

        @jollyscope.act
        @classmethod
        def cls_method(cls, x: int) -> int:
            return x

    assert bare(1, 5, b=3, c=4) == {"sum": 4}
    assert function(7) == 7
    assert asyncio.run(agent("hi")) == "HI"
    assert (Tools().method(1), Tools.static(2), Tools.cls_method(3)) == (1, 2, 3)
    assert spool.one("bare").input == '{"a":1,"rest":[5],"b":3,"more":{"c":4}}'
    assert (spool.one("bare").output, spool.one("bare").tool_name) == ('{"sum":4}', "bare")
    assert spool.one("named").tool_name == "named"
    assert (spool.one("plan").step_type, spool.one("plan").model) == ("think", "m")
    assert spool.one("plan").parent_span_id == spool.one("agent").span_id
    assert spool.one("agent").output == "HI"
    assert spool.one("method").input == '{"x":1}'
    assert spool.one("static").input == '{"x":2}'
    assert spool.one("cls_method").input == '{"x":3}'
    assert bare.__name__ == "bare"


def test_a_decorated_call_that_does_not_fit_raises_as_it_would(spool: Spool) -> None:
    @jollyscope.act
    def f(x: int) -> int:
        return x

    with pytest.raises(TypeError, match="missing 1 required"):
        f()  # type: ignore[call-arg]
    assert spool.one("f").error_type == "TypeError"


def test_generators(spool: Spool) -> None:
    inner_parents: list[str] = []

    @jollyscope.think("stream")
    def stream(n: int) -> Any:
        with jollyscope.step("inside") as inside:
            for i in range(n):
                got = yield f"t{i} "
                assert trace.get_current_span().get_span_context().span_id == int(
                    inside.span_id, 16
                )
                if got:
                    inner_parents.append(got)
        return "done"

    with jollyscope.run("agent") as run:
        numbers = stream(3)
        assert next(numbers) == "t0 "
        # The consumer's code is not the generator's.
        assert trace.get_current_span().get_span_context().span_id == int(run.span_id, 16)
        with jollyscope.act("between"):
            assert numbers.send("x") == "t1 "
        assert list(numbers) == ["t2 "]
    assert inner_parents == ["x"]
    record = spool.one("stream")
    assert (record.output, record.input, record.parent_span_id) == (
        "t0 t1 t2 ",
        '{"n":3}',
        run.span_id,
    )
    assert spool.one("inside").parent_span_id == record.span_id
    assert spool.one("between").parent_span_id == run.span_id


def test_generators_that_end_otherwise(spool: Spool) -> None:
    @jollyscope.act
    def numbers() -> Any:
        try:
            yield 1
            yield "two"
        except KeyError:
            yield 3

    closed = numbers()
    next(closed)
    closed.close()
    thrown = numbers()
    next(thrown)
    assert thrown.throw(KeyError("k")) == 3
    list(thrown)
    failing = numbers()
    next(failing)
    with pytest.raises(ValueError, match="out"):
        failing.throw(ValueError("out"))
    assert list(numbers()) == [1, "two"]
    records = [r for r in spool.closed() if r.name == "numbers"]
    assert [r.output for r in records] == ["[1]", "[1,3]", "[1]", '[1,"two"]']
    assert [r.status for r in records] == ["unset", "unset", "error", "unset"]


async def test_async_generators(spool: Spool) -> None:
    @jollyscope.think
    async def stream(n: int) -> Any:
        for i in range(n):
            await asyncio.sleep(0)
            with jollyscope.step(f"inside {i}"):
                pass
            yield f"{i}"

    with jollyscope.run("agent") as run:
        got = []
        async for item in stream(3):
            assert trace.get_current_span().get_span_context().span_id == int(run.span_id, 16)
            got.append(item)
        early = stream(5)
        await anext(early)
        await early.aclose()
    assert got == ["0", "1", "2"]
    first, second = [r for r in spool.closed() if r.name == "stream"]
    assert (first.output, second.output) == ("012", "0")
    assert spool.one("inside 2").parent_span_id == first.span_id
    assert second.status == "unset"


async def test_parallel_tools_keep_their_parents(spool: Spool) -> None:
    @jollyscope.act
    async def tool(n: int) -> int:
        await asyncio.sleep(0.01 * (3 - n))
        with jollyscope.observe(f"seen {n}"):
            await asyncio.sleep(0.005)
        return n

    async with jollyscope.run("agent") as run:
        assert await asyncio.gather(*(tool(n) for n in range(3))) == [0, 1, 2]
    tools = {r.input: r for r in spool.closed() if r.name == "tool"}
    assert {r.parent_span_id for r in tools.values()} == {run.span_id}
    for n in range(3):
        assert spool.one(f"seen {n}").parent_span_id == tools[f'{{"n":{n}}}'].span_id


def test_threads_with_a_copied_context(spool: Spool) -> None:
    @jollyscope.act
    def tool(n: int) -> int:
        return n

    with jollyscope.session("s", user="u"), jollyscope.run("agent") as run:
        with ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(contextvars.copy_context().run, tool, n) for n in range(20)]
        assert sorted(job.result() for job in jobs) == list(range(20))
    tools = [r for r in spool.closed() if r.name == "tool"]
    assert len(tools) == 20
    assert {(r.parent_span_id, r.session_id, r.user_id) for r in tools} == {(run.span_id, "s", "u")}


def test_a_session_applies_to_all_spans_inside(spool: Spool) -> None:
    foreign = trace.get_tracer("foreign")

    @jollyscope.session("deco")
    def decorated() -> None:
        with jollyscope.run("in deco"):
            pass

    with jollyscope.session("s-42", user="ann", conversation="c"):
        with foreign.start_as_current_span("theirs"):
            pass
        with foreign.start_as_current_span("own", attributes={"session.id": "mine"}):
            pass
        with jollyscope.session("s-43"), foreign.start_as_current_span("nested"):
            pass
    with foreign.start_as_current_span("after"):
        pass
    decorated()
    theirs = spool.one("theirs")
    assert (theirs.session_id, theirs.user_id, theirs.conversation_id) == ("s-42", "ann", "c")
    assert (spool.one("own").session_id, spool.one("own").user_id) == ("mine", "ann")
    assert (spool.one("nested").session_id, spool.one("nested").user_id) == ("s-43", None)
    assert spool.one("after").session_id is None
    assert spool.one("in deco").session_id == "deco"


def test_failures_are_recorded_and_pass_through(spool: Spool) -> None:
    error = ValueError("boom")
    with pytest.raises(ValueError, match="boom") as caught, jollyscope.act("fails"):
        raise error
    assert caught.value is error
    with jollyscope.act("told") as a:
        a.error("no such page")
    with jollyscope.act("handled") as a:
        a.error(KeyError("k"))
    with pytest.raises(SystemExit), jollyscope.step("leaves"):
        raise SystemExit(0)
    failed, told, handled = spool.one("fails"), spool.one("told"), spool.one("handled")
    assert (failed.status, failed.error_type, failed.error_message) == (
        "error",
        "ValueError",
        "boom",
    )
    assert "raise error" in failed.stack_trace
    assert failed.events[0].name == "exception"
    assert (told.status, told.error_type, told.error_message) == ("error", None, "no such page")
    assert (handled.status, handled.error_type) == ("error", "KeyError")
    assert spool.one("leaves").status == "unset"


def test_an_exception_whose_text_fails(spool: Spool) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with pytest.raises(Odd), jollyscope.act("odd"):
        raise Odd
    assert spool.one("odd").error_message == "<its message failed: RuntimeError>"
    assert spool.one("odd").error_type.endswith("Odd")


def test_nothing_happens_before_init(idle: Spool) -> None:
    @jollyscope.act
    def tool(x: int) -> int:
        return x

    @jollyscope.think
    def stream() -> Any:
        yield 1

    with jollyscope.session("s"), jollyscope.run("agent", input=object()) as run:
        run.output(1)
        run.usage(input_tokens=1)
        run.attribute("a", 1)
        run.event("e")
        run.error("x")
        assert (run.trace_id, run.span_id) == ("", "")
        assert tool(3) == 3
        assert list(stream()) == [1]
        jollyscope.observe_now(1)
    assert jollyscope.flush()
    jollyscope.shutdown()
    assert jollyscope.status() == jollyscope.Status(enabled=False)
    assert not idle.home.exists()
