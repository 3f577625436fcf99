"""Whole traces to files: every format read back, constant memory, all or nothing."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from jollyscope.errors import JollyScopeError, NotFoundError, UsageError
from jollyscope.export.choice import Choice
from jollyscope.export.forms import FORMS, Form, Traced, form_named, form_of
from jollyscope.export.job import Job, export
from jollyscope.export.placing import placed
from jollyscope.export.traces import Exported, export_stream, given, matching, number_of
from jollyscope.model.document import execution_document
from jollyscope.model.records import EventRecord
from jollyscope.model.wire import decode
from jollyscope.query import bulk
from jollyscope.query.listing import list_traces
from jollyscope.query.scope import scope
from jollyscope.receive.importers.api import Importer
from jollyscope.receive.spool_sink import SpoolSink
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import label, note
from tests.cli import records

NOW = records.START + 3600 * 10**9
IDS = [f"{number:032x}" for number in (1, 2, 3)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LakeStore]:
    home = tmp_path / "home"
    for number, trace_id in enumerate(IDS):
        later = number * 10**12
        spans = [
            msgspec.structs.replace(
                span,
                start_time=span.start_time + later,
                end_time=(span.end_time or 0) + later,
                session_id=f"s{number}",
            )
            for span in records.run(trace_id)
        ]
        records.store(home, *spans).close()
    opened = LakeStore(home)
    opened.state.annotate(
        [
            label(IDS[1], None, "golden", by="ann", now=NOW),
            label(IDS[1], None, "again", by="ann", now=NOW + 1),
            note(IDS[1], f"{3:016x}", "慢 🐢", by="", now=NOW + 2),
        ]
    )
    yield opened
    opened.close()


def put(traces, path: Path, form: Form, watch=None) -> Exported:
    with placed(path) as folder, (folder / path.resolve().name).open("wb") as file:
        return export_stream(traces, file, form, watch)


def form_named_whole(name: str) -> Form:
    form = form_named(name)
    assert isinstance(form, Form)
    return form


WHOLE = [form for form in FORMS if isinstance(form, Form)]


def wrote(store: LakeStore, suffix: str, trace_ids: list[str]) -> bytes:
    out = io.BytesIO()
    with store.reader() as reader:
        done = export_stream(given(reader, store.state, trace_ids), out, form_named_whole(suffix))
    assert done == Exported(len(trace_ids), 7 * len(trace_ids), len(out.getvalue()))
    return out.getvalue()


def test_json_is_a_document_an_array_or_an_empty_one(store: LakeStore) -> None:
    with store.reader() as reader:
        one, two = (execution_document(reader.spans(i)) for i in (IDS[0], IDS[2]))
    assert json.loads(wrote(store, "json", [])) == []
    assert json.loads(wrote(store, "json", [IDS[0]])) == one
    assert json.loads(wrote(store, "json", [IDS[0], IDS[2]])) == [one, two]
    noted = json.loads(wrote(store, "json", [IDS[1]]))
    assert [(a["kind"], a["text"]) for a in noted["annotations"]] == [
        ("label", "golden"),
        ("label", "again"),
        ("note", "慢 🐢"),
    ]
    assert "annotations" not in one


def test_json_lines_are_the_records_themselves(store: LakeStore) -> None:
    lines = wrote(store, "jsonl", [IDS[1]]).splitlines()
    with store.reader() as reader:
        assert [decode(line) for line in lines[:7]] == reader.spans(IDS[1])
    said = [decode(line, "event") for line in lines[7:]]
    assert all(isinstance(event, EventRecord) for event in said)
    assert [(e.name, e.body, e.span_id) for e in said] == [
        ("jollyscope.label", "golden", None),
        ("jollyscope.label", "again", None),
        ("jollyscope.note", "慢 🐢", f"{3:016x}"),
    ]


def test_otlp_has_annotations_as_attributes_where_there_are_any(store: LakeStore) -> None:
    plain = wrote(store, "otlp.json", [IDS[0], IDS[2]])
    assert b"jollyscope.label" not in plain
    found = json.loads(wrote(store, "otlp.json", [IDS[1]]))
    spans = [s for r in found["resourceSpans"] for c in r["scopeSpans"] for s in c["spans"]]
    added = {
        span["spanId"]: {
            a["key"]: [v["stringValue"] for v in a["value"]["arrayValue"]["values"]]
            for a in span.get("attributes", [])
            if a["key"] in ("jollyscope.label", "jollyscope.note")
        }
        for span in spans
    }
    assert {key: value for key, value in added.items() if value} == {
        f"{1:016x}": {"jollyscope.label": ["golden", "again"]},
        f"{3:016x}": {"jollyscope.note": ["慢 🐢"]},
    }


@pytest.mark.parametrize(
    "form", [form for form in WHOLE if not form.spoken], ids=lambda form: form.suffix[1:]
)
def test_what_is_written_can_be_imported(store: LakeStore, tmp_path: Path, form) -> None:
    file = tmp_path / f"out{form.suffix}"
    with store.reader() as reader:
        export(reader, store.state, Job(choice=Choice(traces=tuple(IDS)), form=form), file)
    other = tmp_path / "other"
    with SpoolSink(other) as sink:
        summary = Importer(sink).run([str(file)])
    assert not summary.failed
    assert summary.spans == 21
    if form.suffix != ".json":  # The document has no trace id.
        assert summary.traces == 3


def test_a_scope_is_written_newest_first_up_to_its_limit(store: LakeStore) -> None:
    def ids(text: str = "", limit: int = 0, **more: str) -> list[str]:
        within = scope(text, now=NOW, **more)
        with store.reader() as reader:
            found = [t.trace_id for t in matching(reader, store.state, within, limit)]
            assert number_of(reader, within, limit) == len(found)
        return found

    assert ids() == [IDS[2], IDS[1], IDS[0]]
    assert ids(limit=2) == [IDS[2], IDS[1]]
    assert ids("label:golden") == [IDS[1]]
    assert ids("session:s0 OR session:s2") == [IDS[2], IDS[0]]
    assert ids(session="s1") == [IDS[1]]
    assert ids(until="2026-11-20T14:03:12Z") == [IDS[0]]
    assert ids("tool:nothing") == []


def test_memory_does_not_grow_with_the_number_of_traces() -> None:
    text = "x" * 100_000

    def many(count: int) -> Iterator[Traced]:
        for number in range(count):
            yield Traced(f"{number:032x}", [records.span(1, 0, 1, name="n", input=text)], [])

    peaks: list[int] = []
    for count in (20, 400):
        for form in WHOLE:
            tracemalloc.start()
            with open(os.devnull, "wb") as sink:
                export_stream(many(count), sink, form)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    small, large = peaks[: len(WHOLE)], peaks[len(WHOLE) :]
    for form, before, after in zip(WHOLE, small, large, strict=True):
        # OTLP gathers up to 4 MB by resource before it writes.
        assert after < before + 16_000_000, form.suffix


def one() -> list[Traced]:
    return [Traced(IDS[0], records.run(IDS[0]), [])]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text("before")

    def broken() -> Iterator[Traced]:
        yield from one()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(broken(), file, WHOLE[1])
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert file.read_text() == "before"


def test_what_watches_sees_each_trace_and_can_end_it(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def watch(traces: int, spans: int) -> None:
        seen.append((traces, spans))
        if traces == 2:
            raise InterruptedError

    with pytest.raises(JollyScopeError):
        put(one() * 5, tmp_path / "x.json", WHOLE[0], watch)
    assert seen == [(1, 7), (2, 14)]
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written_are_said(store: LakeStore, tmp_path: Path) -> None:
    def to(path: Path, *traces: str, **more) -> Exported:
        job = Job(choice=Choice(traces=traces), form=form_named("json"), **more)
        with store.reader() as reader:
            return export(reader, store.state, job, path)

    with pytest.raises(UsageError, match="is a directory"):
        to(tmp_path, IDS[0])
    with pytest.raises(JollyScopeError, match="cannot be written: No such file"):
        to(tmp_path / "none" / "x.json", IDS[0])
    (tmp_path / "x.json").write_text("kept")
    with pytest.raises(UsageError, match="exists already"):
        to(tmp_path / "x.json", IDS[0], replace=False)
    with pytest.raises(NotFoundError, match="nothing was written"):
        to(tmp_path / "x.json", empty=False)
    assert (tmp_path / "x.json").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "x.json"]


def test_a_link_stays_a_link_and_a_device_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    put(one(), tmp_path / "link.json", WHOLE[0])
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["spans"]
    assert put(one(), Path(os.devnull), WHOLE[0]).traces == 1


def test_the_longest_ending_says_the_format() -> None:
    assert form_of("a.otlp.json").suffix == ".otlp.json"
    assert form_of("A.JSON").suffix == ".json"
    assert form_named(".otlp.json").suffix == ".otlp.json"
    with pytest.raises(UsageError, match=r"`a\.txt` does not say"):
        form_of("a.txt")
    with pytest.raises(UsageError, match="Did you mean `jsonl`"):
        form_named("jsnl")


def test_traces_read_many_at_once_are_those_read_one_by_one(
    store: LakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = [records.span(99, 50_000, None, parent=1, name="still at it", trace_id=IDS[0])]
    writer = records.store(store.home, *running)
    with store.reader() as reader:
        rows = list_traces(reader, limit=10).rows
        one_by_one = [(row.trace_id, reader.spans(row.trace_id)) for row in rows]
        assert len(one_by_one) == 3
        for spans, traces in ((5_000, 500), (5_000, 2), (10, 500), (1, 1)):
            monkeypatch.setattr(bulk, "_SPANS", spans)
            monkeypatch.setattr(bulk, "_TRACES", traces)
            assert list(bulk.whole_traces(reader, rows)) == one_by_one
    writer.close()
