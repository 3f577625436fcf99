"""Which rows of a trace are visible: folding and modes. No Textual.

`visible` has, in order, the projection's positions on show. Because those are the tree's own
order, the descendants of a row follow it without a gap: folding deletes one slice, unfolding
inserts one, and finding a row is a bisection.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.projection import Mode, Projection

__all__ = ["RowModel", "carry_over"]


class RowModel:
    """The visible rows of an outline, and the fold state of every node of it.

    Rows are numbered from 0 as shown. Folds belong to nodes, not rows, and each mode has its
    own; through `carry_over` they outlive a newer version of the trace.
    """

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.mode: Mode = "all"
        self.folds: dict[Mode, bytearray] = {
            mode: bytearray(tree.folds) for mode, tree in outline.projections.items()
        }
        self.visible: array[int] = array("q")
        self.version = 0
        """Grows with every change of folds or mode."""
        self.rebuild()

    def learned(self) -> None:
        """The outline was studied: from now on there are the other modes."""
        for mode, tree in self.outline.projections.items():
            self.folds.setdefault(mode, bytearray(tree.folds))

    @property
    def projection(self) -> Projection:
        """What the mode keeps of the outline."""
        return self.outline.projections[self.mode]

    @property
    def open(self) -> bytearray:
        """By position in the projection: 0 folded, 1 a leaf, 2 open."""
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
        return None if at is None else self.row_of(at)

    def row_of(self, at: int) -> int | None:
        """The row of a position in the projection, or None while it is not on show."""
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
        self.version += 1
        self.open[self.visible[row]] = 0
        del self.visible[row + 1 : self._end(row)]
        return True

    def unfold(self, row: int) -> bool:
        """Show a row's children, and below them what was open; False when there is nothing to."""
        if not self.below(row) or self.is_open(row):
            return False
        self.version += 1
        self.open[self.visible[row]] = 2
        at = self.visible[row]
        self.visible[row + 1 : row + 1] = self._walk(at + 1, at + self.projection.size[at])
        return True

    def _end(self, row: int) -> int:
        """The row after the last on show below `row`."""
        at = self.visible[row]
        return bisect_left(self.visible, at + self.projection.size[at], row)

    def fold_all(self, *, opened: bool) -> None:
        """Fold or unfold every node."""
        self.folds[self.mode] = self.projection.all_folds(opened=opened)
        self.rebuild()

    def unfold_level(self) -> bool:
        """Open the highest level that has a folded row on show; False when all is open."""
        depth, shut = self.projection.depth, list(self._shut(0, len(self.projection)))
        level = min(map(depth.__getitem__, shut), default=-1)
        return self._set(at for at in shut if depth[at] == level)

    def fold_level(self) -> bool:
        """Fold the deepest level that has an open row on show; False when all is folded."""
        depth, folds = self.projection.depth, self.open
        if len(self) * 4 < len(self.projection):
            able = [at for at in self.visible if folds[at] == 2]
            level = max(map(depth.__getitem__, able), default=-1)
            return self._set(at for at in able if depth[at] == level)
        for nodes in reversed(self.projection.levels):
            able = [at for at in nodes if folds[at] == 2]
            if self._set(at for at in able if self.row_of(at) is not None):
                return True
        return False

    def _set(self, nodes: Iterable[int]) -> bool:
        """Fold what is open of `nodes` and open what is folded; False where there are none."""
        changed = list(nodes)
        for at in changed:
            self.open[at] = 2 - self.open[at]
        if changed:
            self.rebuild()
        return bool(changed)

    def rebuild(self) -> None:
        """Work out the visible rows anew."""
        self.version += 1
        self.visible = self._walk(0, len(self.projection))

    def _walk(self, at: int, end: int) -> array[int]:
        """The visible positions in `[at, end)`, which begins at a visible one. Stretches without
        a fold go in whole.
        """
        visible, positions = array("q"), self.projection.positions
        for shut in self._shut(at, end):
            visible.extend(positions[at : shut + 1])
            at = shut + self.projection.size[shut]
        visible.extend(positions[at:end])
        return visible

    def _shut(self, at: int, end: int) -> Iterator[int]:
        """The folded rows on show in `[at, end)`, which begins at a visible one."""
        size, folds = self.projection.size, self.open
        shut = folds.find(0, at, end)
        while shut >= 0:
            yield shut
            shut = folds.find(0, shut + size[shut], end)

    def set_mode(self, mode: Mode) -> bool:
        """Keep other rows; False, changing nothing, where the mode would keep none or is not known yet."""
        if not len(self.outline.projections.get(mode, ())):
            return False
        self.mode = mode
        self.rebuild()
        return True

    def reveal(self, node: int) -> int | None:
        """Open what hides a node; its row, or None where the mode leaves it out."""
        at = self.projection.find(node)
        if at is None:
            return None
        top, up = -1, self.projection.parent[at]
        while up >= 0:
            if not self.open[up]:
                self.open[up] = 2
                top = up
            up = self.projection.parent[up]
        if top >= 0:
            self.version += 1
            row = bisect_left(self.visible, top)
            self.visible[row : row + 1] = self._walk(top, top + self.projection.size[top])
        return self.row_of(at)

    def nearest(self, node: int) -> int:
        """The row of a node, or of what hides it: its nearest ancestor on show; else 0."""
        kept: int | None = self.projection.find(node)
        while kept is None and node >= 0:
            parent = self.outline.projections["all"].parent[node]
            node = parent
            kept = self.projection.find(node) if node >= 0 else None
        while kept is not None and kept >= 0:
            row = self.row_of(kept)
            if row is not None:
                return row
            kept = self.projection.parent[kept]
        return 0


def carry_over(old: RowModel, outline: Outline) -> RowModel:
    """The rows of a newer version of the trace, with the folds and mode of the older one."""
    new = RowModel(outline)
    places = [old.outline.index.get(node.span_id, -1) for node in outline.nodes]
    for mode, folds in new.folds.items():
        before, after = old.outline.projections.get(mode), outline.projections[mode]
        if before is None:
            continue
        were = dict(zip(before.node, old.folds[mode], strict=True))
        for at, size in enumerate(after.size):
            known = were.get(places[after.node[at]], 1) if size > 1 else 1
            if known != 1:
                folds[at] = known
    if not new.set_mode(old.mode):
        new.rebuild()
    return new
