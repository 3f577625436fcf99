"""Runs whose details have something in every tab."""

from __future__ import annotations

from typing import Any

import msgspec

from jollyscope.model.records import SpanEvent, SpanLink, SpanRecord
from jollyscope.query.metrics import METRICS, Point, Samples
from tests.tui import fakes

STACK = """Traceback (most recent call last):
  File "/home/ann/agent/tools.py", line 42, in add
    reply = client.post(url, json={"day": day})
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/venv/lib/python3.11/site-packages/httpx/_client.py", line 1144, in post
    return self.request("POST", url, json=json)
httpx.ReadTimeout: calendar took longer than 2 s"""

ANSWER = """# 明天的天气

带伞。**Take an umbrella** ☂️ and read [the forecast](https://weather.example/beijing).

1. rain until *noon*
2. then `18 °C`

| time | 天气 |
|------|------|
| 9:00 | 雨 |

```python
def umbrella(rain: bool) -> str:
    return "yes" if rain else "no"  # 带伞
```
"""


def _text(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}], **more}


def messages() -> dict[str, Any]:
    """A model call's conversation in OpenTelemetry's form."""
    rules = "\n".join(f"Rule {n}: be brief." for n in range(1, 31))
    asked = [
        _text("system", f"You help with the weather.\n{rules}"),
        _text("user", "查一下北京明天的天气 🌦️ and tell me what to wear"),
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "They ask for Beijing.\n" * 6},
                {"type": "tool_call", "id": "call_1", "name": "search",
                 "arguments": {"query": "北京 天气", "days": 1}},
            ],
        },
        {
            "role": "tool",
            "parts": [
                {"type": "tool_call_response", "id": "call_1",
                 "result": {"days": [{"day": "明天", "rain": True, "high": 18.5}], "source": None}},
            ],
        },
    ]  # fmt: skip
    told = [_text("assistant", ANSWER, finish_reason="stop")]
    return {
        "gen_ai.input.messages": msgspec.json.encode(asked).decode(),
        "gen_ai.output.messages": msgspec.json.encode(told).decode(),
    }


def talking_run() -> list[SpanRecord]:
    """A run whose last thought (span 3) carries a whole conversation, and whose call (span 2) failed."""
    who = {"session_id": "s 42", "user_id": "ann", "service": "weather-agent"}
    nested = {"days": [{"day": n, "rain": n % 2 == 0, "notes": ["x"] * 3} for n in range(4)]}
    return [
        fakes.span(1, None, 0, 9, name="agent run", step_type="user_input", input="weather?",
                   output=ANSWER, **who),
        fakes.span(
            2, 1, 1, 3, name="execute_tool search", step_type="act", tool_name="search web",
            tool_call_id="call_1", status="error", error_type="httpx.ReadTimeout",
            error_message="calendar took longer than 2 s", stack_trace=STACK,
            input='{"query": "北京 天气", "deep": ' + msgspec.json.encode(nested).decode() + "}",
            output=ANSWER,
            attributes={
                "http.status_code": 500, "http.method": "GET", "ok": False, "ratio": 0.5,
                "tags": ["a", "b"], "body": '{"inner": [1, 2]}', "note": "天" * 400,
                "gen_ai.tool.name": "search web",
            },
            resource={"service.name": "weather-agent", "host.name": "web-1"},
            scope={"name": "my.agent", "version": "1.2"},
            events=[
                SpanEvent(name="retry", time=fakes.NOW - 58 * fakes.SECOND, attributes={"attempt": 2}),
                SpanEvent(name="exception", time=fakes.NOW - 57 * fakes.SECOND,
                          attributes={"exception.type": "httpx.ReadTimeout"}),
            ],
            links=[SpanLink(trace_id=fakes.trace_id(2), span_id=fakes.span_id(7))],
            cpu_percent=42.0, memory_mb=128.0, **who,
        ),
        fakes.span(3, 1, 5, 3, name="chat", step_type="think", model="gpt-4o", provider="openai",
                   input_tokens=812, output_tokens=96, cached_tokens=12, reasoning_tokens=40,
                   cost_usd=0.003, attributes=messages(), **who),
        fakes.span(4, 1, 8, 1, name="execute_tool search", step_type="act", tool_name="search web",
                   input="{}", output="x" * 10_000, **who),
    ]  # fmt: skip


def looping_run(turns: int = 12, tools: int = 3) -> list[SpanRecord]:
    """Thoughts and calls in turn, then an answer."""
    spans = [fakes.span(1, None, 0, turns * 3 + 1, name="run", step_type="user_input", input="go")]
    for n in range(turns):
        tool, at = f"tool_{n % tools}", 3 * n
        failed: dict[str, Any] = {"status": "error"} if n % 5 == 4 else {"output": "done"}
        spans += [
            fakes.span(10 + 2 * n, 1, at, 1, name="think", step_type="think"),
            fakes.span(
                11 + 2 * n, 1, at + 1, 2, name=tool, step_type="act", tool_name=tool, **failed
            ),
        ]
    end = turns * 3
    return [*spans, fakes.span(9, 1, end, 1, name="answer", step_type="response", output="ok")]


def sampled(_span: SpanRecord, start: int, end: int) -> Samples:
    """A process that works in waves."""
    width = max(1, (end - start) // 60)
    waves = [0.1 + 0.08 * (n % 10) for n in range(60)]
    held = [2e8 + 4e6 * n for n in range(60)]
    made = [
        [Point(start + n * width, 2, v * 0.8, v * 0.9, v) for n, v in enumerate(values)]
        for values in (waves, held)
    ]
    return Samples(start, end, width, dict(zip(METRICS, made, strict=True)))
