from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.analysis.critical_path import critical_path
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import build_tree
from jollyscope_tui.widgets import jumps
from jollyscope_tui.widgets.insight import Insight
from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.projection import MANY_SPANS, MODES, Mode
from jollyscope_tui.widgets.rows import RowModel, carry_over
from tests.tui import fakes


def outline(spans: list[SpanRecord]) -> Outline:
    made = Outline(build_tree(spans))
    made.take(made.study(0))
    return made


def insight(model: RowModel) -> Insight:
    assert model.outline.insight is not None
    return model.outline.insight


@st.composite
def traces(draw: st.DrawFn, most: int = 40) -> list[SpanRecord]:
    count = draw(st.integers(1, most))
    spans = [fakes.span(1, draw(st.sampled_from([None, 999])))]
    for number in range(2, count + 1):
        parent = draw(st.sampled_from([None, 999, *range(1, number)]))
        spans.append(
            fakes.span(
                number, parent, number, 1,
                step_type=draw(st.sampled_from(fakes.STEPS)),
                status=draw(st.sampled_from(["ok", "error"])),
                input=draw(st.sampled_from([None, "{}", '{"a": 1}'])),
            )
        )  # fmt: skip
    return spans


class Reference:
    """The same, written plainly: a set of open nodes and a walk from the roots."""

    def __init__(self, model: RowModel) -> None:
        self.outline = model.outline
        self.mode: Mode = model.mode
        self.path = critical_path(model.outline.tree).nodes
        self.folded: dict[Mode, set[int]] = {}
        for mode in MODES:
            tree, folds = model.outline.projections[mode], model.folds[mode]
            self.folded[mode] = {tree.node[p] for p in range(len(tree)) if not folds[p]}

    def keeps(self, node: int) -> bool:
        span = self.outline.nodes[node].span
        if self.mode == "all":
            return True
        if self.mode == "critical":
            return self.outline.nodes[node].span_id in self.path
        if self.mode == "steps":
            return span is not None and (span.step_type != "other" or span.status == "error")
        below = self.outline.nodes[node].walk()
        return any(n.span is not None and n.span.status == "error" for n in below)

    def parent(self, node: int) -> int | None:
        for up in self.outline.nodes[node].ancestors():
            at = self.outline.index[up.span_id]
            if self.keeps(at):
                return at
        return None

    def children(self, node: int) -> bool:
        return any(self.keeps(n) and self.parent(n) == node for n in range(len(self.outline)))

    def visible(self) -> list[int]:
        shown = []
        for node in range(len(self.outline)):
            if not self.keeps(node):
                continue
            up = self.parent(node)
            while up is not None and up not in self.folded[self.mode]:
                up = self.parent(up)
            if up is None:
                shown.append(node)
        return shown


def shown(model: RowModel) -> list[int]:
    return [model.node(row) for row in range(len(model))]


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["toggle", "fold", "unfold", "all", "none", "level+", "level-", "mode", "reveal"]
        ),
        st.integers(0, 1000),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(traces(), OPERATIONS)
def test_visible_rows_equal_the_plain_reference(
    spans: list[SpanRecord], operations: list[tuple[str, int]]
) -> None:
    model = RowModel(outline(spans))
    plain = Reference(model)
    assert shown(model) == plain.visible()
    for name, number in operations:
        folded = plain.folded[plain.mode]
        every = {n for n in range(len(plain.outline)) if plain.keeps(n) and plain.children(n)}
        row = number % len(model)
        node = model.node(row)
        levels = {n: model.projection.depth[model.projection.find(n) or 0] for n in every}
        if name == "mode":
            mode = MODES[number % 4]
            if model.set_mode(mode):
                plain.mode = mode
        elif name == "all":
            model.fold_all(opened=True)
            folded.clear()
        elif name == "none":
            model.fold_all(opened=False)
            folded |= every
        elif name == "level+":
            able = (folded & set(plain.visible())) & every
            assert model.unfold_level() == bool(able)
            least = min((levels[n] for n in able), default=0)
            folded -= {n for n in able if levels[n] == least}
        elif name == "level-":
            able = (set(plain.visible()) & every) - folded
            assert model.fold_level() == bool(able)
            most = max((levels[n] for n in able), default=0)
            folded |= {n for n in able if levels[n] == most}
        elif name == "reveal":
            target = number % len(plain.outline)
            at = model.reveal(target)
            assert (at is not None) == plain.keeps(target)
            if at is not None:
                up = plain.parent(target)
                while up is not None:
                    folded.discard(up)
                    up = plain.parent(up)
                assert model.node(at) == target
        else:
            changed = getattr(model, name)(row)
            can_fold = node in every and node not in folded
            can_unfold = node in every and node in folded
            assert changed == {"fold": can_fold, "unfold": can_unfold}.get(name, node in every)
            if changed:
                folded.symmetric_difference_update({node})
        assert shown(model) == plain.visible()


@settings(max_examples=100, deadline=None)
@given(traces(), st.integers(0, 1000), st.sampled_from(MODES))
def test_jumps_agree_with_the_tree(spans: list[SpanRecord], number: int, mode: Mode) -> None:
    model = RowModel(outline(spans))
    if not model.set_mode(mode):
        return
    plain = Reference(model)
    row = number % len(model)
    node = model.node(row)
    up = jumps.parent(model, row)
    assert (model.node(up) if up is not None else None) == plain.parent(node)
    brothers = [
        n
        for n in range(len(plain.outline))
        if plain.keeps(n) and plain.parent(n) == plain.parent(node)
    ]
    at = brothers.index(node)
    for step, expected in ((1, brothers[at + 1 :][:1]), (-1, brothers[:at][-1:])):
        found = jumps.sibling(model, row, step)
        assert ([model.node(found)] if found is not None else []) == expected
    spans = model.outline.nodes
    for order in (insight(model).errors, insight(model).repeated):
        timed = sorted((spans[n].start, n) for n in order)
        assert [n for _, n in timed] == list(order)
        kept = [pair for pair in timed if plain.keeps(pair[1])]
        for step in (1, -1):
            here = (spans[node].start, node)
            found = jumps.in_time(model, order, model.row(node) or 0, step)
            round_trip = kept if step > 0 else kept[::-1]
            further = [p for p in round_trip if (p > here if step > 0 else p < here)]
            expected = [n for _, n in (further or round_trip)[:1]]
            assert ([] if found is None else [model.node(found)]) == expected


def test_a_large_trace_starts_folded_and_says_how_much_is_hidden() -> None:
    model = RowModel(outline(fakes.huge_run(20_000)))
    assert 1 < len(model) <= MANY_SPANS
    hidden = sum(model.below(r) for r in range(len(model)) if not model.is_open(r))
    assert hidden + len(model) == 20_000


def test_a_wide_node_starts_folded_but_a_wide_root_does_not() -> None:
    spans = [fakes.span(1), fakes.span(2, 1)]
    spans += [fakes.span(n, 2) for n in range(3, 300)]
    model = RowModel(outline(spans))
    assert len(model) == 2
    spans = [fakes.span(1)] + [fakes.span(n, 1) for n in range(2, 300)]
    assert len(RowModel(outline(spans))) == 299


def test_ten_thousand_levels_fold_unfold_and_reveal() -> None:
    model = RowModel(outline(fakes.deep_run(10_000)))
    model.fold_all(opened=False)
    assert len(model) == 1
    assert model.reveal(9_999) == 9_999
    assert len(model) == 10_000
    model.fold(0)
    model.unfold(0)
    assert len(model) == 10_000
    assert model.nearest(9_999) == 9_999


def test_what_a_mode_would_leave_empty_is_refused() -> None:
    model = RowModel(outline([fakes.span(1), fakes.span(2, 1)]))
    assert not model.set_mode("errors")
    assert not model.set_mode("steps")
    assert model.mode == "all"
    assert len(model) == 2
    assert jumps.in_time(model, insight(model).errors, 0, 1) is None


def test_folds_and_mode_outlive_a_newer_version() -> None:
    spans = fakes.agent_run()
    old = RowModel(outline(spans[:5]))
    old.fold(2)
    assert old.set_mode("steps")
    new = carry_over(old, outline(spans))
    assert new.mode == "steps"
    new.set_mode("all")
    search = new.outline.index[fakes.span_id(3)]
    row = new.row(search)
    assert row is not None
    assert not new.is_open(row)


@pytest.mark.parametrize("seed", range(3))
def test_sizes_and_parents_hold_in_every_mode(seed: int) -> None:
    made = outline(fakes.huge_run(2_000, seed))
    dice = random.Random(seed)
    for tree in made.projections.values():
        for _ in range(50):
            at = dice.randrange(len(tree))
            inside = range(at + 1, at + tree.size[at])
            assert all(tree.depth[p] > tree.depth[at] for p in inside)
            after = at + tree.size[at]
            assert after == len(tree) or tree.depth[after] <= tree.depth[at]
