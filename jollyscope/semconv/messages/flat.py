"""Flattened attributes (`llm.input_messages.0.message.role`) as the trees they came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

__all__ = ["branch", "unflattened"]

_MOST_DIGITS = 9
_MOST_STEPS = 8


def branch(attributes: Mapping[str, Any], prefix: str) -> list[Any]:
    """What lies under `prefix` (ending in a dot) as a list in order of its index; gaps are closed.

    An index is a key and no position: one of 10^9 costs nothing.
    """
    start = len(prefix)
    found = [
        (name[start:], value)
        for name, value in attributes.items()
        if name.startswith(prefix)
        and _is_index(name[start : start + _MOST_DIGITS + 2].split(".")[0])
    ]
    tree = unflattened(found) if found else None
    return cast("list[Any]", tree) if isinstance(tree, list) else []


def unflattened(pairs: Iterable[tuple[str, Any]]) -> Any:
    """Dotted names and their values as nested objects, and lists where all names are numbers.

    Linear in the names' lengths. Where one name is both a value and a prefix, the longer ones count.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        node: dict[str, Any] = root
        *path, leaf = name.split(".", _MOST_STEPS)
        for step in path:
            below = node.get(step)
            if not isinstance(below, _Node):
                below = node[step] = _Node()
            node = below
        if not isinstance(node.get(leaf), _Node):
            node[leaf] = value
    return _listed(_Node(root))


class _Node(dict[str, Any]):
    """An object that this module made, as opposed to an attribute's value that is one."""


def _listed(node: _Node) -> Any:
    made: dict[str, Any] = {
        name: _listed(value) if isinstance(value, _Node) else value for name, value in node.items()
    }
    if not made or not all(_is_index(name) for name in made):
        return made
    return [made[name] for name in sorted(made, key=int)]


def _is_index(name: str) -> bool:
    return len(name) <= _MOST_DIGITS + 1 and name.isascii() and name.isdigit()
