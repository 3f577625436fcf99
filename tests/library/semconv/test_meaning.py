from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.semconv import MAX_NESTING, give_meaning, wire_attributes, wire_value
from jollyscope.semconv.table import FIELD_ROWS

HELPING = {"cache_write_tokens", "total_tokens", "prompt_usd", "completion_usd"}


def same(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"session.id": "s", "user.id": 42}, {"session_id": "s", "user_id": "42"}),
        ({"gen_ai.request.model": "a", "gen_ai.response.model": "b"},
         {"model": "b", "step_type": "think"}),
        ({"gen_ai.response.model": "b", "gen_ai.request.model": "a"},
         {"model": "b", "step_type": "think"}),
        ({"gen_ai.system": "old", "gen_ai.provider.name": "new"}, {"provider": "new"}),
        ({"gen_ai.usage.input_tokens": 3}, {"input_tokens": 3}),
        ({"gen_ai.usage.input_tokens": 3.0}, {"input_tokens": 3}),
        ({"gen_ai.usage.input_tokens": -1}, {}),
        ({"gen_ai.usage.input_tokens": True}, {}),
        ({"gen_ai.usage.input_tokens": "3"}, {"input_tokens": 3}),
        ({"gen_ai.usage.input_tokens": "3.5"}, {}),
        ({"gen_ai.usage.input_tokens": "three"}, {}),
        ({"jollyscope.cost_usd": 1}, {"cost_usd": 1.0}),
        ({"jollyscope.cost_usd": {"@double": "NaN"}}, {}),
        ({"gen_ai.operation.name": "chat"}, {"step_type": "think"}),
        ({"gen_ai.operation.name": "execute_tool"}, {"step_type": "act"}),
        ({"gen_ai.operation.name": "embeddings"}, {}),
        ({"jollyscope.step.type": "observe", "gen_ai.operation.name": "chat"},
         {"step_type": "observe"}),
        ({"jollyscope.step.type": "nonsense", "gen_ai.operation.name": "chat"},
         {"step_type": "think"}),
        ({"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 9,
          "gen_ai.usage.reasoning.output_tokens": 1}, {"step_type": "other"}),
    ],
)  # fmt: skip
def test_fields(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    before = dict(attributes)
    assert give_meaning(attributes, root=False) == {"step_type": "other", **expected}
    assert attributes == before


def test_the_root_agent_is_the_users_input() -> None:
    attributes: dict[str, Any] = {"gen_ai.operation.name": "invoke_agent"}
    assert give_meaning(attributes, root=True) == {"step_type": "user_input"}


def test_input_and_output_are_lifted_out() -> None:
    attributes: dict[str, Any] = {"jollyscope.input": "i", "jollyscope.output": "o", "k": 1}
    fields = give_meaning(attributes, root=True)
    assert (fields["input"], fields["output"]) == ("i", "o")
    assert attributes == {"k": 1}


def test_every_field_of_the_table_is_a_records() -> None:
    assert set(FIELD_ROWS) - HELPING <= set(SpanRecord.__struct_fields__)


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (1.0, 1.0),
        (float("inf"), {"@double": "Infinity"}),
        (float("-inf"), {"@double": "-Infinity"}),
        (b"\xff", {"@bytes": "/w=="}),
        ((1, b"a"), [1, {"@bytes": "YQ=="}]),
        ({"a": 1}, {"a": 1}),
        ({"@bytes": "x"}, {"@kvlist": {"@bytes": "x"}}),
        ({"@kvlist": {"@a": 1}}, {"@kvlist": {"@kvlist": {"@kvlist": {"@a": 1}}}}),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (None, None),
        (object, str(object)),
    ],
)
def test_values(value: Any, wire: Any) -> None:
    assert wire_value(value, same) == wire


def test_depth_is_capped() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]
    made, depth = wire_value(deep, same), 0
    while isinstance(made, list):
        made, depth = made[0], depth + 1
    assert depth == MAX_NESTING - 1
    assert isinstance(made, str)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), values))
def test_any_attributes_survive_json(attributes: dict[str, Any]) -> None:
    wire = wire_attributes(dict(attributes), same)
    assert msgspec.json.decode(msgspec.json.encode(wire)) == wire
    give_meaning(wire, root=True)
