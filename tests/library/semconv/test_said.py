"""What was asked and answered, within JSON of any shape."""

from __future__ import annotations

from typing import Any

import pytest

from tests.library.semconv.spans import meaning


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ('{"prompt": "p", "other": 1}', "p"),
        ('{"args": ["programming"], "kwargs": {}}', "programming"),
        ('{"args": [], "kwargs": {"question": "why"}}', "why"),
        ('{"inputs": {"query": "q"}, "tags": []}', "q"),
        ('{"task": "t", "stream": false}', "t"),
        ('{"new_message": {"parts": [{"text": "hi"}], "role": "user"}, "user_id": "u"}', "hi"),
        ('{"messages": [["user", "first"], ["assistant", "a"], ["user", "last"]]}', "last"),
        ('[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]', "hi"),
        ('{"messages": [{"type": "human", "content": "lang"}]}', "lang"),
        ('{"a": 1}', '{"a": 1}'),
        ('{"prompt": ', '{"prompt": '),
        ('"quoted"', "quoted"),
        ({"prompt": "structured"}, "structured"),
    ],
)
def test_what_the_user_said_within_json(value: Any, text: str):
    for name in ("input.value", "langfuse.observation.input", "traceloop.entity.input"):
        made = meaning({"openinference.span.kind": "AGENT", name: value}, root=True)
        assert made["input"] == text
    as_tool = meaning({"openinference.span.kind": "TOOL", "input.value": value})["input"]
    assert as_tool == (value if isinstance(value, str) else '{"prompt":"structured"}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ('{"raw": "r", "tasks_output": []}', "r"),
        ('{"final_output": "f"}', "f"),
        ('{"content": {"parts": [{"text": "done"}], "role": "model"}}', "done"),
        ('{"messages": [{"type": "human", "content": "q"}, {"type": "ai", "content": "a"}]}', "a"),
        ('{"output": [{"type": "message", "role": "assistant", "content": '
         '[{"type": "output_text", "text": "said"}]}], "object": "response"}', "said"),
        ('{"choices": [{"message": {"role": "assistant", "content": "chosen"}}]}', "chosen"),
        ('{"quality": "good"}', '{"quality": "good"}'),
    ],
)  # fmt: skip
def test_what_came_back_within_json(value: str, text: str):
    made = meaning({"openinference.span.kind": "CHAIN", "output.value": value}, root=True)
    assert made["output"] == text
