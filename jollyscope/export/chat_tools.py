"""The tools of a conversation as OpenAI's API takes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from jollyscope.model.records import SpanRecord
from jollyscope.semconv.tools import Tool, tools_offered

__all__ = ["fitting", "tools_of"]

_LONGEST = 64
_MARK = 8


def fitting(name: str) -> str:
    """A tool's name in the letters that the API allows: `a-z`, `A-Z`, `0-9`, `_` and `-`, 64 of them at
    most. `calendar.add` is `calendar_add`; a name in other letters ends in a hash of it, so that
    two names stay two, and one is the same in every example.
    """
    if re.fullmatch(r"[\w.:/ -]{1,64}", name, re.ASCII):
        return re.sub(r"[.:/ ]", "_", name)
    kept = re.sub(r"[^\w-]+", "_", name, flags=re.ASCII).strip("_") or "tool"
    mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:_MARK]
    return f"{kept[: _LONGEST - _MARK - 1]}_{mark}"


def tools_of(spans: Iterable[SpanRecord], called: Iterable[str]) -> list[dict[str, Any]]:
    """What the model calls were offered, and behind that the tools `called` that nobody described. A tool
    is what it was when it was first described.
    """
    found: dict[str, Tool] = {}
    for span in spans:
        if span.step_type != "think":
            continue
        for tool in tools_offered(span.attributes, span.events):
            before = found.get(fitting(tool.name))
            if before is None or (before.parameters is None and tool.parameters is not None):
                found[fitting(tool.name)] = tool
    for name in called:
        found.setdefault(fitting(name), Tool(name=name))
    return [_written(name, tool) for name, tool in found.items()]


def _written(name: str, tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": name}
    if tool.description:
        function["description"] = tool.description
    # A schema of an object without `properties` is refused.
    function["parameters"] = {"type": "object", "properties": {}} | (tool.parameters or {})
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}
