"""`jollyscope label`"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.complete import label_names
from jollyscope_cli.options import AsJson, TraceOrSpan, options_of
from jollyscope_cli.output import narrate, print_json, width
from jollyscope_cli.reading import opened

if TYPE_CHECKING:
    from jollyscope.query.annotating import Target
    from jollyscope.store.api import Store
    from jollyscope.store.state import Annotation

__all__ = ["label"]


def label(
    ctx: typer.Context,
    trace: TraceOrSpan,
    labels: Annotated[
        list[str] | None,
        typer.Argument(metavar="LABEL", help="Labels to put on it.", autocompletion=label_names),
    ] = None,
    span: Annotated[
        str | None, typer.Option(metavar="ID", help="On this span of the trace, not on all of it.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Put a note on it.")
    ] = None,
    remove: Annotated[
        bool,
        typer.Option("--remove", help="Take these labels away; a note is named by its id."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put labels and notes on a trace or a span, or list those on it.

    Without a label or a note it prints what is there, notes with their ids. A label that is set twice
    is there once. `ls traces label:golden` finds what is labelled so, `note:` searches notes, and
    exports have both.
    """
    from jollyscope.errors import UsageError
    from jollyscope.query.annotating import target

    if remove and (note is not None or not labels):
        raise UsageError(
            "--remove takes labels, or ids of notes.", hint="jollyscope label TRACE --remove slow"
        )
    with opened(options_of(ctx).store) as store:
        with store.reader() as reader:
            on = target(reader, trace, span)
        if labels or note is not None:
            _tell(on, _changed(store, on, labels or [], note, remove), remove, as_json)
        else:
            _list(store, on, as_json)


def _changed(
    store: Store, on: Target, labels: Sequence[str], note: str | None, remove: bool
) -> list[Annotation]:
    from jollyscope.query.annotating import add
    from jollyscope.query.annotating import remove as take
    from jollyscope.store.state import author

    if remove:
        return take(store.state, on, labels)
    return add(store.state, on, labels, note, by=author(), now=time.time_ns())


def _tell(on: Target, changed: Sequence[Annotation], removed: bool, as_json: bool) -> None:
    if as_json:
        print_json(changed)
    what = ", ".join("a note" if one.kind == "note" else f"`{one.text}`" for one in changed)
    where = f"span {on.span_id} of {on.trace_id}" if on.span_id else on.trace_id
    narrate(f"{'Took' if removed else 'Put'} {what} {'off' if removed else 'on'} {where}.")


def _list(store: Store, on: Target, as_json: bool) -> None:
    from jollyscope.query.annotating import on_target
    from jollyscope_cli.canvas import put
    from jollyscope_cli.render.notes import listed

    found = on_target(store.state, on)
    if as_json:
        print_json(found)
        return
    put(listed(found, width()))
    if not found:
        narrate("Nothing is on it; `jollyscope label TRACE LABEL` puts a label there.")
