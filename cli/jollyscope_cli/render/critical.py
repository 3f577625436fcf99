"""The critical path, and a span that was asked for: their marks, and where the time goes."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.critical_path import CriticalPath, Share
from jollyscope.model import format as fmt
from jollyscope.model.steps import glyph, label
from jollyscope.model.tree import TraceTree
from jollyscope.query.outline import Outline
from jollyscope_cli.render.cells import clean, cut
from jollyscope_cli.render.trace import Piece

__all__ = ["HERE", "ON_PATH", "missed", "signs", "table"]

ON_PATH, HERE = "*", ">"
"""Between a row and its bar: on the critical path; the span that was asked for."""

SHOWN = 12
"""Lines of the table."""


def signs(path: CriticalPath | None, span: str | None) -> dict[str, str]:
    """The mark of each span that has one."""
    found = dict.fromkeys(path.nodes if path else (), ON_PATH)
    return found | {span: HERE} if span else found


def missed(drawn: Outline, span: str | None) -> Iterator[list[Piece]]:
    """What the mark means, or that the span to mark is not among those drawn."""
    if span is None:
        return
    if any(row.node.span_id == span for row in drawn.rows):
        yield [(f"{HERE} span {span}", "note")]
    else:
        yield [
            (f"span {span} is among those not drawn; --limit 0 without --depth draws it", "note")
        ]


def table(path: CriticalPath, tree: TraceTree, width: int) -> Iterator[list[Piece]]:
    """Whose own time the path is made of, the most first."""
    shares = path.shares()
    took = fmt.duration((path.end - path.start) / 1e6)
    yield []
    yield [("critical path", "head"), (f"  {took}, {ON_PATH} marks what it leads through", "dim")]
    for share in shares[:SHOWN]:
        yield _line(share, width)
    if len(shares) > SHOWN:
        rest = shares[SHOWN:]
        text = f"{sum(s.share for s in rest) * 100:5.1f}%  {fmt.duration(_ms(rest)):>7}"
        yield [(f"{text}  {len(rest):,} more of {len(tree):,} spans", "dim")]


def _ms(shares: list[Share]) -> float:
    return sum(share.time for share in shares) / 1e6


def _line(share: Share, width: int) -> list[Piece]:
    numbers = f"{share.share * 100:5.1f}%  {fmt.duration(share.time / 1e6):>7}  "
    node = share.node
    if node is None:
        return [(numbers, ""), ("between the roots", "dim")]
    if node.span is None:
        return [(numbers, ""), (cut(f"? {node.name}", width - len(numbers)), "missing")]
    where = f"  span {node.span_id}"
    room = max(8, width - len(numbers) - len(where) - 2)
    style = "error" if node.span.status == "error" else node.span.step_type
    said = cut(clean(label(node.span).partition("  ")[0]), room)
    return [(numbers, ""), (f"{glyph(node.span)} {said}", style), (where, "dim")]
