"""Which rows of a trace are visible, and where its jumps lead: folding, modes, search. No Textual.

`visible` has, in order, the projection's positions on show. Because those are the tree's own
order, the descendants of a row follow it without a gap: folding deletes one slice, unfolding
inserts one, and finding a row is a bisection.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from jollyscope_tui.widgets.outline import Mode, Outline, Projection

__all__ = ["MANY_CHILDREN", "MANY_SPANS", "RowModel", "carry_over"]

MANY_SPANS = 2_000
"""A trace opens down to the deepest level at which no more rows than this are on show."""
MANY_CHILDREN = 200
"""A node other than a root with more children than this starts folded."""


class RowModel:
    """The visible rows of an outline, and the fold state of every node of it.

    Rows are numbered from 0 as shown. Folds belong to nodes, not rows, and each mode has its
    own; through `carry_over` they outlive a newer version of the trace.
    """

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.mode: Mode = "all"
        self.folds: dict[Mode, bytearray] = {
            "all": _first_folds(outline.projections["all"]),
            "steps": _first_folds(outline.projections["steps"]),
            "errors": bytearray([1]) * len(outline.projections["errors"]),
        }
        self.visible: array[int] = array("q")
        self.rebuild()

    @property
    def projection(self) -> Projection:
        """What the mode keeps of the outline."""
        return self.outline.projections[self.mode]

    @property
    def open(self) -> bytearray:
        """By position in the projection: 0 where folded; a leaf is always 1."""
        return self.folds[self.mode]

    def __len__(self) -> int:
        return len(self.visible)

    # Rows and nodes

    def node(self, row: int) -> int:
        """The outline's position of a row."""
        return self.projection.node[self.visible[row]]

    def row(self, node: int) -> int | None:
        """The row of an outline position, or None while it is not on show."""
        at = self.projection.find(node)
        return None if at is None else self._row_of(at)

    def _row_of(self, at: int) -> int | None:
        row = bisect_left(self.visible, at)
        return row if row < len(self.visible) and self.visible[row] == at else None

    def depth(self, row: int) -> int:
        """Levels above a row."""
        return self.projection.depth[self.visible[row]]

    def below(self, row: int) -> int:
        """Rows below a row in the tree, on show or not; 0 for a leaf."""
        return self.projection.size[self.visible[row]] - 1

    def is_open(self, row: int) -> bool:
        """Whether the children of a row are on show."""
        return bool(self.open[self.visible[row]])

    # Folding

    def toggle(self, row: int) -> bool:
        """Fold or unfold a row; False for a leaf."""
        return self.fold(row) or self.unfold(row)

    def fold(self, row: int) -> bool:
        """Hide what is below a row; False when there is nothing to hide."""
        if not self.below(row) or not self.is_open(row):
            return False
        self.open[self.visible[row]] = 0
        del self.visible[row + 1 : self._end(row)]
        return True

    def unfold(self, row: int) -> bool:
        """Show a row's children, and below them what was open; False when there is nothing to."""
        if not self.below(row) or self.is_open(row):
            return False
        self.open[self.visible[row]] = 1
        at = self.visible[row]
        self.visible[row + 1 : row + 1] = self._walk(at + 1, at + self.projection.size[at])
        return True

    def _end(self, row: int) -> int:
        """The row after the last on show below `row`."""
        at = self.visible[row]
        return bisect_left(self.visible, at + self.projection.size[at], row)

    def fold_all(self, *, opened: bool) -> None:
        """Fold or unfold every node."""
        self.folds[self.mode] = bytearray(opened or size == 1 for size in self.projection.size)
        self.rebuild()

    def unfold_level(self) -> bool:
        """Open the highest level that has a folded row on show; False when all is open."""
        return self._set_level(opened=True)

    def fold_level(self) -> bool:
        """Fold the deepest level that has an open row on show; False when all is folded."""
        return self._set_level(opened=False)

    def _set_level(self, *, opened: bool) -> bool:
        size, depth, folds = self.projection.size, self.projection.depth, self.open
        able = [at for at in self.visible if folds[at] != opened and size[at] > 1]
        if not able:
            return False
        level = (min if opened else max)(depth[at] for at in able)
        for at in able:
            if depth[at] == level:
                folds[at] = opened
        self.rebuild()
        return True

    def rebuild(self) -> None:
        """Work out the visible rows anew."""
        self.visible = self._walk(0, len(self.projection))

    def _walk(self, at: int, end: int) -> array[int]:
        """The visible positions in `[at, end)`, which begins at a visible one. Stretches without
        a fold go in whole: 3 ms for 100,000 rows, against 12 ms row by row.
        """
        size, opened = self.projection.size, self.open
        visible = array("q")
        while at < end:
            shut = opened.find(0, at, end)
            if shut < 0:
                shut = end - 1
            visible.extend(range(at, shut + 1))
            at = shut + size[shut]
        return visible

    def set_mode(self, mode: Mode) -> bool:
        """Keep other rows; False, changing nothing, where the mode would keep none."""
        if not len(self.outline.projections[mode]):
            return False
        self.mode = mode
        self.rebuild()
        return True

    # Jumps; each gives a row, or None when there is nowhere to go

    def reveal(self, node: int) -> int | None:
        """Open what hides a node; its row, or None where the mode leaves it out."""
        at = self.projection.find(node)
        if at is None:
            return None
        top, up = -1, self.projection.parent[at]
        while up >= 0:
            if not self.open[up]:
                self.open[up] = 1
                top = up
            up = self.projection.parent[up]
        if top >= 0:
            row = bisect_left(self.visible, top)
            self.visible[row : row + 1] = self._walk(top, top + self.projection.size[top])
        return self._row_of(at)

    def nearest(self, node: int) -> int:
        """The row of a node, or of what hides it: its nearest ancestor on show; else 0."""
        kept: int | None = self.projection.find(node)
        while kept is None and node >= 0:
            parent = self.outline.projections["all"].parent[node]
            node = parent
            kept = self.projection.find(node) if node >= 0 else None
        while kept is not None and kept >= 0:
            row = self._row_of(kept)
            if row is not None:
                return row
            kept = self.projection.parent[kept]
        return 0

    def parent(self, row: int) -> int | None:
        """The row above in the tree."""
        up = self.projection.parent[self.visible[row]]
        return self._row_of(up) if up >= 0 else None

    def sibling(self, row: int, step: int) -> int | None:
        """The next (`step` 1) or previous (-1) child of the same parent."""
        at, projection = self.visible[row], self.projection
        parent = projection.parent[at]
        if step > 0:
            other = at + projection.size[at]
            if other >= len(projection) or projection.parent[other] != parent:
                return None
            return self._row_of(other)
        other = at - 1
        while other > parent and projection.parent[other] != parent:
            other = projection.parent[other]
        return self._row_of(other) if other > parent else None

    def error(self, row: int, step: int) -> int | None:
        """The next or previous failed span, revealed; wraps round. Every mode keeps all of them."""
        errors, node = self.outline.errors, self.node(row)
        if not errors:
            return None
        at = bisect_left(errors, node)
        if step > 0:
            at += at < len(errors) and errors[at] == node
        else:
            at -= 1
        return self.reveal(errors[at % len(errors)])

    def search(self, needle: str, row: int, step: int, *, here: bool = False) -> int | None:
        """The next or previous row that matches, revealed; wraps round. `here` counts `row` too."""
        start = self.node(row) + (0 if here else step)
        for begin in (start, 0 if step > 0 else len(self.outline) - 1):
            found = self.outline.search(needle, begin, backwards=step < 0) if begin >= 0 else None
            while found is not None:
                kept = self.reveal(found)
                if kept is not None:
                    return kept
                found = self._further(needle, found, step)
        return None

    def _further(self, needle: str, node: int, step: int) -> int | None:
        at = node + step
        if not 0 <= at < len(self.outline):
            return None
        return self.outline.search(needle, at, backwards=step < 0)


def carry_over(old: RowModel, outline: Outline) -> RowModel:
    """The rows of a newer version of the trace, with the folds and mode of the older one."""
    new = RowModel(outline)
    for mode, folds in new.folds.items():
        before, after = old.outline.projections[mode], outline.projections[mode]
        were = {old.outline.nodes[before.node[at]].span_id: at for at in range(len(before))}
        for at in range(len(after)):
            known = were.get(outline.nodes[after.node[at]].span_id)
            if known is not None and after.size[at] > 1 and before.size[known] > 1:
                folds[at] = old.folds[mode][known]
    if not new.set_mode(old.mode):
        new.rebuild()
    return new


def _first_folds(tree: Projection) -> bytearray:
    """Open as deep as `MANY_SPANS` rows reach, at least the roots; wide nodes stay folded."""
    depth, bound = tree.depth, len(tree)
    children = array("q", bytes(8 * len(tree)))
    for parent in tree.parent:
        if parent >= 0:
            children[parent] += 1
    if len(tree) > MANY_SPANS:
        counts = array("q", [0]) * (max(depth) + 1)
        for level in depth:
            counts[level] += 1
        total = 0
        for level, more in enumerate(counts):
            total += more
            if total > MANY_SPANS:
                break
            bound = level
        bound = 1 if bound == len(tree) else max(1, bound)
    return bytearray(
        size == 1 or (level < bound and (not level or many <= MANY_CHILDREN))
        for size, level, many in zip(tree.size, depth, children, strict=True)
    )
