"""Shell completion: ids of the store, filters, names of columns."""

from __future__ import annotations

import shlex
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from jollyscope.store.api import Reader

__all__ = [
    "analysis_names",
    "behind_colon",
    "column_names",
    "export_formats",
    "export_tables",
    "filter_words",
    "label_names",
    "list_words",
    "run_ids",
    "sort_names",
    "stat_names",
    "tab_names",
    "theme_names",
    "trace_ids",
    "view_columns",
]

Words = list[tuple[str, str]]
"""Each with what it means, for the shells that show that."""

T = TypeVar("T")


def trace_ids(ctx: typer.Context, incomplete: str) -> Words:
    """Ids of traces that begin so, each with its input."""
    from jollyscope.query.completion import complete_traces

    return _asked(ctx, lambda reader: complete_traces(reader, incomplete), [])


def run_ids(ctx: typer.Context, incomplete: str) -> Words:
    """Ids of traces and of sessions that begin so."""
    from jollyscope.query.completion import complete_sessions, complete_traces

    return _asked(
        ctx,
        lambda reader: (
            complete_traces(reader, incomplete)
            + (complete_sessions(reader, incomplete) if incomplete else [])
        ),
        [],
    )


def theme_names(incomplete: str) -> Words:
    """Themes of the explorer."""
    from jollyscope_tui.themes import theme_names as names

    return [(name, "") for name in names() if name.startswith(incomplete)]


def tab_names(incomplete: str) -> Words:
    """Tabs of a span's detail."""
    from jollyscope_tui.widgets.details import TABS

    return [(tab.lower(), "") for tab in TABS if tab.lower().startswith(incomplete.lower())]


def view_columns(incomplete: str) -> Words:
    """Columns of the explorer's list, behind those that are named already."""
    from jollyscope_tui.view import COLUMN_NAMES

    front, comma, typed = incomplete.rpartition(",")
    return [(front + comma + name, "") for name in COLUMN_NAMES if name.startswith(typed)]


def export_formats(incomplete: str) -> Words:
    """Formats of files."""
    from jollyscope.export.forms import FORMS

    return [(f.suffix[1:], f.title) for f in FORMS if f.suffix[1:].startswith(incomplete)]


def export_tables(incomplete: str) -> Words:
    """Tables that are exported by name."""
    from jollyscope.export.tables import TABLES

    return [(name, "") for name in (*TABLES, "all") if name.startswith(incomplete)]


def analysis_names(incomplete: str) -> Words:
    """Analyses, behind those that are named already."""
    from jollyscope.analysis.report import ANALYSES

    front, comma, typed = incomplete.rpartition(",")
    return [(front + comma + a.name, a.title) for a in ANALYSES if a.name.startswith(typed)]


def label_names(ctx: typer.Context, incomplete: str) -> Words:
    """Labels in use, those used most first."""
    from jollyscope.store.api import open_store

    try:
        store = open_store(ctx.find_root().params.get("store"))
        try:
            known = store.state.known_labels()
        finally:
            store.close()
    except Exception:  # noqa: BLE001 - a message would land in the line that is being typed
        return []
    return [(name, "") for name in known if name.startswith(incomplete)]


def list_words(ctx: typer.Context, incomplete: str) -> Words:
    """The lists that there are, at first; then words of a filter."""
    from jollyscope.query.request import KINDS

    kinds: Words = []
    if not _before(ctx):
        kinds = [(kind, "") for kind in KINDS if kind.startswith(incomplete)]
    return kinds + filter_words(ctx, incomplete)


def filter_words(ctx: typer.Context, incomplete: str) -> Words:
    """Fields, and values of the store, that the last word of a filter may become."""
    from jollyscope.query.filter import complete, store_values

    word, cut = _whole(ctx, incomplete)

    def found(reader: Reader | None) -> Words:
        def values(field: str, prefix: str) -> list[str]:
            return store_values(reader, field, prefix) if reader else []

        return [
            ((word[: c.start] + c.text)[cut:], c.meaning)
            for c in complete(word, len(word), values)
            if c.kind != "keyword" or c.text.strip() == "OR"
        ]

    return _asked(ctx, found, None) or found(None)


def _whole(ctx: typer.Context, incomplete: str) -> tuple[str, int]:
    """The word being typed, and how much of it the shell has already set aside.

    Bash parts words at `:` and `=`: of `tool:se` it asks for `se`, with `tool` and `:` before.
    """
    before = _before(ctx)
    if len(before) > 1 and before[-1] in (":", "="):
        front = before[-2] + before[-1]
        return front + incomplete, len(front)
    return incomplete, 0


def _before(ctx: typer.Context) -> list[str]:
    """The words of the filter before the one being typed."""
    words: list[str] | None = ctx.params.get("words")
    # Where an option still lacks its value, the words have not come to their parameter.
    return list(words or ctx.args)


def behind_colon(environ: MutableMapping[str, str]) -> None:
    """Have bash ask for what stands behind `tool:`, of which it takes the colon for the word that is
    being typed: words that do not begin with one would be left out, and it puts the answer behind it.
    """
    words, at = environ.get("COMP_WORDS", ""), environ.get("COMP_CWORD", "")
    try:
        parts = shlex.split(words)
    except ValueError:  # a quote that is still open
        return
    if at == str(len(parts) - 1) and parts[-1] == ":":
        environ["COMP_WORDS"], environ["COMP_CWORD"] = f"{words} ''", str(len(parts))


def sort_names(ctx: typer.Context, incomplete: str) -> Words:
    """Columns that the list can be sorted by. (What begins with `-` a shell takes for an option.)"""
    from jollyscope.query.fields import sortable

    return [(name, "") for name in sortable(_row(ctx)) if name.startswith(incomplete)]


def column_names(ctx: typer.Context, incomplete: str) -> Words:
    """Columns of the list, behind those that are named already."""
    from jollyscope.query.fields import names

    front, comma, typed = incomplete.rpartition(",")
    return [(front + comma + name, "") for name in names(_row(ctx)) if name.startswith(typed)]


def stat_names(ctx: typer.Context, incomplete: str) -> Words:
    """What a table of sums can be sorted by."""
    from jollyscope.query.fields import sortable
    from jollyscope.query.groups import GroupRow

    return [(name, "") for name in sortable(GroupRow) if name.startswith(incomplete)]


def _row(ctx: typer.Context) -> Any:
    from jollyscope.query.request import KINDS, ROW

    before = _before(ctx)[:1]
    return next((ROW[kind] for kind in KINDS if kind in before), ROW["traces"])


def _asked(ctx: typer.Context, ask: Callable[[Reader], T], otherwise: T) -> T:
    """What the store of this command line answers. Whatever goes wrong, a shell wants no words of
    it.
    """
    from jollyscope.store.api import open_store

    try:
        store = open_store(ctx.find_root().params.get("store"))
        try:
            # Not loading the spool: a Tab must not wait for work that others left.
            with store.reader(load=False) as reader:
                return ask(reader)
        finally:
            store.close()
    except Exception:  # noqa: BLE001 - a message would land in the line that is being typed
        return otherwise
