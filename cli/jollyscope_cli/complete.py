"""Shell completion of trace ids."""

from __future__ import annotations

import typer

__all__ = ["trace_ids"]


def trace_ids(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Ids that begin so, each with its input. Whatever goes wrong, a shell wants no words of it."""
    from jollyscope.query.completion import complete_traces
    from jollyscope.store.api import open_store

    try:
        store = open_store(ctx.find_root().params.get("store"))
        try:
            # Not loading the spool: a Tab must not wait for work that others left.
            with store.reader(load=False) as reader:
                return complete_traces(reader, incomplete)
        finally:
            store.close()
    except Exception:  # noqa: BLE001 - a message would land in the line that is being typed
        return []
