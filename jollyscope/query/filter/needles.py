"""What every row that a filter finds contains, for stores that can tell from less than the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from jollyscope.query.filter.attributes import attribute_test
from jollyscope.query.filter.nodes import And, Match, Node, Text
from jollyscope.query.filter.patterns import Pattern, fold
from jollyscope.query.filter.probes import key_part, value_parts
from jollyscope.query.filter.table import Target
from jollyscope.store.api import HasAttribute, HasText, Needle

__all__ = ["needles"]


def needles(root: Node, target: Target, sql: str) -> tuple[Needle, ...]:
    """Of the condition `sql` that `root` was compiled to; empty where it looks at spans for more than
    one reason, since a promise is about all that a statement reads of `dwd_spans`.
    """
    looks = sql.count("dwd_spans") if target == "traces" else int("SELECT" in sql)
    if looks != (1 if target == "traces" else 0) or target == "sessions":
        return ()
    parts = root.parts if isinstance(root, And) else (root,)
    return tuple(needle for part in parts for needle in _of(part))


def _of(node: Node) -> Iterator[Needle]:
    if isinstance(node, Text):
        for wild, text in node.pattern.folded().pieces:
            if not wild:
                yield HasText(text)
    elif isinstance(node, Match) and node.of.field.kind == "attribute":
        key = cast("Pattern", node.of.key).text
        if key_part(key):
            values = value_parts(attribute_test(node))
            yield HasAttribute(fold(key), tuple(map(fold, values)))
