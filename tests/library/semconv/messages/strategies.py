"""Conversations as agents hold them, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from jollyscope.model.messages import Conversation, Message, Part

from .writers import IMAGE

text = st.text(
    st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12
) | st.sampled_from(["你好，世界", "👩‍💻", '{"role": "user"}', "None", " "])
name = st.text("abcdefg_", min_size=1, max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("ab 我\"'", max_size=6)
arguments = st.dictionaries(
    name,
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=3)
                 | st.dictionaries(name, inner, max_size=3), max_leaves=6),
    max_size=3,
)  # fmt: skip


def part(kind: Any, said: str) -> Part:
    return Part(kind=kind, text=said)


@st.composite
def answers(draw: st.DrawFn, *, reasoning: bool, reason: str | None = None) -> list[Part]:
    """What the assistant says in one turn: thought, text, calls; something at least."""
    calls = [
        Part(kind="tool_call", name=called, arguments=given)
        for called, given in draw(st.lists(st.tuples(name, arguments), max_size=3))
    ]
    said = [part("text", draw(text))] if not calls or draw(st.booleans()) else []
    thought = [part("reasoning", draw(text))] if reasoning and draw(st.booleans()) else []
    return [*thought, *said, *calls]


@st.composite
def conversations(
    draw: st.DrawFn, *, reasoning: bool = True, finish_reason: bool = True
) -> Conversation:
    made: list[Message] = []
    if draw(st.booleans()):
        made.append(Message(role="system", parts=[part("text", draw(text))]))
    ids = 0

    def numbered(parts: list[Part]) -> list[Part]:
        nonlocal ids
        numbers: list[Part] = []
        for one in parts:
            if one.kind == "tool_call":
                ids += 1
                one = Part(
                    kind="tool_call", id=f"call_{ids}", name=one.name, arguments=one.arguments
                )
            numbers.append(one)
        return numbers

    for _ in range(draw(st.integers(1, 3))):
        user = [part("text", said) for said in draw(st.lists(text, min_size=1, max_size=2))]
        made.append(Message(role="user", parts=user + [IMAGE] * draw(st.integers(0, 1))))
        if draw(st.booleans()):
            answer = numbered(draw(answers(reasoning=reasoning)))
            made.append(Message(role="assistant", parts=answer))
            made += [
                Message(
                    role="tool",
                    parts=[Part(kind="tool_result", id=one.id, name=one.name, result=draw(text))],
                )
                for one in answer
                if one.kind == "tool_call"
            ]
    last = numbered(draw(answers(reasoning=reasoning)))
    reason = draw(st.sampled_from(["stop", "tool_calls", "length"])) if finish_reason else None
    return Conversation(
        input=made, output=[Message(role="assistant", parts=last, finish_reason=reason)]
    )
