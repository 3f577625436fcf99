"""Agent runs of a realistic size and texture, made from a seed: about 1.3 kB a span.

The prose is real English (Python's own documentation topics, on every machine), cut at random; a
model call's input repeats the system prompt and the conversation so far, as agents do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate
from pydoc_data.topics import topics

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode

PROSE = " ".join(" ".join(topics.values()).split())
TOOLS = ["search", "read_file", "calculator", "http.get", "sql.query", "calendar.add", "run_tests"]
TOOL_WEIGHTS = list(accumulate(1 / (n + 1) for n in range(len(TOOLS))))
SYSTEM = (
    "You are a careful assistant. Think step by step, use the tools, and answer in one paragraph."
)
MODELS = ["gpt-4o", "claude-sonnet-4", "qwen2.5-72b"]
RESOURCE = {
    "service.name": "shop-agent", "service.version": "2.3.1", "host.name": "worker-7",
    "process.pid": 4711, "telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.30.0",
}  # fmt: skip
SCOPE = {"name": "jollyscope", "version": "0.1.0"}


def traces(
    count: int, seed: int = 1, start: int = 1_760_000_000_000_000_000
) -> Iterator[list[SpanRecord]]:
    """`count` traces of 20 spans, a quarter of a second apart."""
    rng = random.Random(seed)
    for number in range(count):
        yield list(_trace(rng, start + number * 250_000_000))


def lines(count: int, seed: int = 1) -> Iterator[bytes]:
    """The same as JSON lines, a trace at a time."""
    for spans in traces(count, seed):
        yield b"".join(encode(span) + b"\n" for span in spans)


def _prose(rng: random.Random, low: int, high: int) -> str:
    at = rng.randrange(len(PROSE) - high)
    return PROSE[at : at + rng.randint(low, high)]


def _trace(rng: random.Random, at: int) -> Iterator[SpanRecord]:
    trace_id = f"{rng.getrandbits(128):032x}"
    session, user = f"s-{rng.randint(1, 20000)}", f"user-{int(rng.paretovariate(1.2)) % 5000}"
    root = f"{rng.getrandbits(64):016x}"
    question = _prose(rng, 40, 160)
    common = {
        "trace_id": trace_id, "session_id": session, "conversation_id": session, "user_id": user,
        "service": "shop-agent", "resource": RESOURCE, "scope": SCOPE,
    }  # fmt: skip
    said = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    now = at + 1_000_000
    children: list[SpanRecord] = []

    def step(step_type: str, name: str, ms: float, **fields: object) -> None:
        nonlocal now
        length = int(ms * 1e6)
        children.append(
            SpanRecord(
                span_id=f"{rng.getrandbits(64):016x}", parent_span_id=root, name=name,
                step_type=step_type, start_time=now, end_time=now + length, duration_ms=length / 1e6,
                cpu_percent=round(rng.uniform(0, 30), 1), memory_mb=round(rng.uniform(110, 140), 1),
                **common, **fields,
            )
        )  # fmt: skip
        now += length + rng.randint(10_000, 900_000)

    for _ in range(6):
        thought = _prose(rng, 60, 260)
        tokens = sum(len(m["content"]) for m in said) // 4
        model = rng.choices(MODELS, [6, 3, 1])[0]
        step(
            "think", "chat " + model, rng.lognormvariate(6.5, 0.6),
            input=msgspec.json.encode(said[:1] + said[-3:]).decode(), output=thought, model=model,
            provider="openai", input_tokens=tokens, output_tokens=len(thought) // 4,
            cost_usd=round(tokens * 2.5e-6, 6), status="ok",
            attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": model,
                        "gen_ai.usage.input_tokens": tokens, "gen_ai.request.temperature": 0.2},
        )  # fmt: skip
        tool = rng.choices(TOOLS, cum_weights=TOOL_WEIGHTS)[0]
        failed = rng.random() < 0.03
        step(
            "act", "execute_tool " + tool, rng.lognormvariate(4.5, 1.2), tool_name=tool,
            tool_call_id=f"call_{rng.getrandbits(48):012x}",
            input=msgspec.json.encode({"query": _prose(rng, 20, 120), "limit": rng.randint(1, 9)}).decode(),
            status="error" if failed else "ok", error_type="TimeoutError" if failed else None,
            error_message="timed out after 5 s" if failed else None,
            attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool,
                        "http.response.status_code": rng.choice([200, 200, 200, 404, 500])},
        )  # fmt: skip
        found = _prose(rng, 120, 420)
        step("observe", "observe", 0.05, output=found, status="ok")
        said += [{"role": "assistant", "content": thought}, {"role": "tool", "content": found}]
    answer = _prose(rng, 150, 500)
    step("response", "respond", 3.0, output=answer, status="ok")
    yield SpanRecord(
        span_id=root, name="shop-agent", step_type="user_input", start_time=at, end_time=now,
        duration_ms=(now - at) / 1e6, input=question, output=answer, status="ok", **common,
    )  # fmt: skip
    yield from children
