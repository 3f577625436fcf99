"""`jollyscope store`"""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer

from jollyscope_cli.options import AsJson, options_of
from jollyscope_cli.output import interactive, narrate, print_json
from jollyscope_cli.reading import opened

__all__ = ["COMMANDS"]


def info(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Say what is stored, and what is wrong with it."""
    from jollyscope.model.format import count, size
    from jollyscope.query.clock import local
    from jollyscope.redact import redact

    with opened(options_of(ctx).store) as store:
        found = store.info()
    if as_json:
        print_json(found)
        return
    facts = {
        "store": f"{redact(found.url)} ({found.engine})",
        "traces": count(found.traces),
        "spans": f"{count(found.spans)} and {count(found.open_spans)} running",
        "metrics": count(found.metrics),
        "events": count(found.events),
        "refused": count(found.dead_letters),
        "oldest": f"{local(found.oldest):%Y-%m-%d %H:%M:%S}" if found.oldest else "-",
        "newest": f"{local(found.newest):%Y-%m-%d %H:%M:%S}" if found.newest else "-",
        "size": f"{size(found.bytes)} in {count(found.parts)} parts",
        "spool": f"{size(found.spool_bytes)}, {size(found.waiting_bytes)} of it not yet loaded",
    }
    for name, fact in facts.items():
        sys.stdout.write(f"{name:8}  {fact}\n")
    for problem in found.problems:
        narrate(f"warning: {problem}")


def compact(ctx: typer.Context) -> None:
    """Merge small files, so that reading is faster.

    What waits in the spool is loaded first. Readers are not disturbed.
    """
    with opened(options_of(ctx).store) as store:
        replaced = store.compact()
    narrate(f"{replaced:,} parts merged." if replaced else "There was nothing to merge.")


def prune(
    ctx: typer.Context,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Drop what ended longer ago: 30d, 12h, or ISO 8601."),
    ] = None,
    max_size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Drop the oldest above this size: 2GB.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Drop old records, for good."""
    from jollyscope.errors import UsageError
    from jollyscope.query.sizes import parse_size
    from jollyscope.query.times import parse_time
    from jollyscope.redact import redact

    before = parse_time(older_than, time.time_ns()) if older_than is not None else None
    octets = parse_size(max_size) if max_size is not None else None
    if before is None and octets is None:
        raise UsageError("Say what may go.", hint="--older-than 30d, --max-size 2GB, or both.")
    if not yes and not interactive():
        raise UsageError("There is nobody to ask.", hint="--yes drops the records without asking.")
    with opened(options_of(ctx).store) as store:
        what = " and ".join(filter(None, [_aged(before), _sized(octets)]))
        if not yes and not _agreed(f"Drop {what} from {redact(store.url)}, for good?"):
            narrate("Nothing was dropped.")
            return
        narrate(f"{store.prune(older_than=before, max_bytes=octets):,} spans dropped.")


def _aged(before: int | None) -> str:
    from jollyscope.query.clock import local

    return f"what ended before {local(before):%Y-%m-%d %H:%M}" if before is not None else ""


def _sized(octets: int | None) -> str:
    from jollyscope.model.format import size

    return f"the oldest above {size(octets)}" if octets is not None else ""


def _agreed(question: str) -> bool:
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


COMMANDS: dict[str, Any] = {"info": info, "compact": compact, "prune": prune}
