"""The same conversation, whatever dialect it is written in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.messages import Conversation
from jollyscope.semconv.messages import conversation, has_messages

from .strategies import conversations
from .writers import PNG, SAYS_NO_REASON, SAYS_NO_REASONING, WRITERS


def written(dialect: str) -> st.SearchStrategy[Conversation]:
    return conversations(
        reasoning=dialect not in SAYS_NO_REASONING, finish_reason=dialect not in SAYS_NO_REASON
    )


@pytest.mark.parametrize("dialect", WRITERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_read_back(dialect: str, data: st.DataObject) -> None:
    said = data.draw(written(dialect))
    attributes = WRITERS[dialect](said)
    assert has_messages(attributes, ())
    assert conversation(attributes) == said


@given(said=conversations(reasoning=False, finish_reason=False), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_several_dialects_on_one_span_say_it_once(said: Conversation, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(list(WRITERS)), min_size=2, max_size=4, unique=True))
    attributes: dict[str, Any] = {}
    for name in names:
        attributes |= WRITERS[name](said)
    assert conversation(attributes) == said


@pytest.mark.parametrize("dialect", WRITERS)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_no_base64_is_kept(dialect: str, data: st.DataObject) -> None:
    made = conversation(WRITERS[dialect](data.draw(written(dialect))))
    assert PNG not in repr(made)
