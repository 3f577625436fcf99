"""Keeps a store as today's program writes it, and what its schemas are, for all later versions:

    python -m tests.hostile.upgrade.make

A version that is out is never changed: what is kept of it stays. Before its release, `--unreleased`
writes the newest one anew.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from jollyscope.config import ClickHouseConfig
from jollyscope.model.records import SCHEMA
from jollyscope.model.wire import STRUCT_OF
from jollyscope.store.clickhouse import ddl
from jollyscope.store.lake import layouts
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import SavedView, label, note
from jollyscope.transport.spool import spool_dir
from tests.hostile.upgrade import stored as s

SCHEMAS = s.STORES / "schemas.json"


def schemas() -> dict[str, dict[str, Any]]:
    """By what has a schema and by version: the digest of what makes it."""
    return {
        "lake manifest": _layouts(layouts.MANIFEST),
        "lake notes": _layouts(layouts.STATE),
        "ClickHouse": {str(version): _clickhouse(version) for version in ddl.versions()},
        "records": {str(SCHEMA): {kind: _fields(struct) for kind, struct in STRUCT_OF.items()}},
    }


def _layouts(layout: layouts.Layout) -> dict[str, str]:
    return {
        str(number): _digest("".join(layout.statements(number)))
        for number in range(1, layout.newest + 1)
    }


def _clickhouse(version: int) -> dict[str, str]:
    """Tables and what fills them, as rendered. Views are made anew at every start and may change."""
    values = ddl.values(ddl.Topics(), ClickHouseConfig())
    texts = {
        path.stem: path.read_text("utf-8")
        for path in sorted((ddl.root() / f"{version:04d}").glob("*.sql"))
    }
    return {
        name: _digest(ddl.render(text, values))
        for name, text in texts.items()
        if not ddl.made_anew(text)
    }


def _fields(struct: type[msgspec.Struct]) -> list[str]:
    return [f"{field.name}: {field.type}" for field in msgspec.structs.fields(struct)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def make_lake(home: Path) -> LakeStore:
    """A lake with everything in it: parts, a trace in two of them, a span whose program died, a line
    that is no record, notes and a view, and a spool with what waits and a torn line.
    """
    store = LakeStore(home, now=lambda: s.NOW + 3600 * s.SECOND)
    s.write(spool_dir(home), s.FIRST, s.NOT_A_RECORD)
    store.load()
    s.write(spool_dir(home), s.SECOND_LOAD)
    store.load()
    s.write(spool_dir(home), s.WAITING, s.TORN)
    said = note(f"{2:032x}", None, "查一下 why it timed out", by="ann", now=s.NOW)
    store.state.annotate(
        [
            label(f"{1:032x}", None, "good", by="ann", now=s.NOW),
            msgspec.structs.replace(said, id="00000000000000aa"),
        ]
    )
    store.state.save_view(SavedView(name="slow ones", text='{"filter":"duration>1s"}', time=s.NOW))
    return store


def _keep_lake(version: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "data"
        store = make_lake(home)
        with store.reader(load=False) as reader:
            found = s.answers(reader, s.QUESTIONS | s.NOTED)
        store.close()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(home, "data", filter=_anybody)
        (s.STORES / f"lake-{version:04d}.tar.gz").write_bytes(
            gzip.compress(packed.getvalue(), mtime=0)
        )
        text = msgspec.json.format(msgspec.json.encode(found), indent=1)
        (s.STORES / f"lake-{version:04d}.json").write_bytes(text + b"\n")


def _anybody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = s.NOW // s.SECOND
    return entry


def main() -> None:
    """Keep what is not kept yet."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--unreleased", action="store_true", help="write the newest version anew")
    again = asked.parse_args().unreleased
    newest = layouts.MANIFEST.newest
    if again or not (s.STORES / f"lake-{newest:04d}.tar.gz").exists():
        _keep_lake(newest)
    kept: dict[str, dict[str, Any]] = (
        msgspec.json.decode(SCHEMAS.read_bytes()) if SCHEMAS.exists() else {}
    )
    for what, versions in schemas().items():
        last = max(versions, key=int)
        held = kept.setdefault(what, {})
        held.update(
            {v: made for v, made in versions.items() if v not in held or (again and v == last)}
        )
    SCHEMAS.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")


if __name__ == "__main__":
    main()
