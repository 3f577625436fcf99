"""Files as they come: packed, broken, in folders, too large; and what is said of each."""

from __future__ import annotations

import copy
import gzip
import json
import os
import threading
from concurrent.futures import Future
from typing import Any

import pytest
import zstandard

from jollyscope.errors import UsageError
from jollyscope.receive.importers import reading, source
from jollyscope.receive.importers.api import Importer
from jollyscope.receive.importers.protobuf import layout_of
from jollyscope.receive.sink import OverloadedError, SinkDownError
from tests.library.importers import samples as s
from tests.library.importers.helpers import Imported, Kept, lines, protobuf, shared, write


def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path):
    text = lines(*s.ZIPKIN) + '{"traceId": broken\n\n' + '{"id": "x"}\n' * 4 + lines(s.ZIPKIN[0])
    made = Imported(write(tmp_path / "x", text))
    at = len(lines(*s.ZIPKIN))
    assert len(made.spans) == 3
    assert made.problems[0].startswith(f"line 3 (byte {at}): this is no JSON")
    assert made.problems[1] == f"line 5 (byte {at + 20}): a span has no traceId or no id"
    (report,) = made.summary.reports
    assert (report.skipped, len(report.problems), report.failed) == (5, 3, True)


def test_a_bad_first_line(tmp_path):
    made = Imported(write(tmp_path / "x", '{"resourceSpans":[{"reso\n' + lines(s.OTLP)))
    assert len(made.spans) == 2
    assert made.problems[0].startswith("line 1 (byte 0): ")


def test_nothing_of_a_broken_document_is_imported(tmp_path):
    whole = json.dumps(s.JAEGER, indent=2)
    for cut in range(400, len(whole) - 3, 97):
        made = Imported(write(tmp_path / "x", whole[:cut]))
        assert made.spans == []
        assert made.summary.failed == 1
        assert made.problems[0].startswith(f"line {whole[:cut].count(chr(10)) + 1} (byte ")


def test_documents_before_a_broken_one_are_imported(tmp_path):
    text = json.dumps(s.JAEGER, indent=2) + "\n" + json.dumps(s.JAEGER, indent=2)[:-40]
    made = Imported(write(tmp_path / "x", text))
    assert len(made.spans) == 2
    assert made.summary.failed == 1
    text = json.dumps(s.OTLP, indent=2) + "\n" + json.dumps(s.OTLP, indent=2)[:-40]
    made = Imported(write(tmp_path / "x", text))
    assert len(made.spans) == 2
    assert made.summary.failed == 1


def test_folders_are_read_through_and_what_is_no_trace_is_passed_over(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".git" / "x.json", s.OTLP)
    write(tmp_path / "b" / "c" / "trace", s.OTLP)
    write(tmp_path / "a.json", s.ZIPKIN)
    write(tmp_path / "README.md", "# hello {")
    write(tmp_path / "settings.json", {"colour": "red", "list": [1]})
    write(tmp_path / "empty.json", "")
    write(tmp_path / "blank", " \n" * 10)
    made = Imported(tmp_path)
    assert [r.file for r in made.summary.reports if r.spans] == [
        str(tmp_path / "a.json"),
        str(tmp_path / "b" / "c" / "trace"),
    ]
    assert (made.summary.files, made.summary.passed_over, made.summary.failed) == (2, 4, 0)
    for name in ("README.md", "settings.json", "empty.json", "blank"):
        one = Imported(tmp_path / name)
        assert one.summary.failed == 1
        assert len(one.problems) == 1


def test_a_file_that_is_not_there_does_not_stop_the_others(tmp_path):
    made = Imported(tmp_path / "none", write(tmp_path / "x", s.OTLP))
    assert len(made.spans) == 2
    assert made.problems == ["it cannot be opened: No such file or directory"]


def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    body = json.dumps(s.JAEGER).encode()
    writer = threading.Thread(target=pipe.write_bytes, args=(body,))
    writer.start()
    made = Imported(pipe)
    writer.join()
    assert len(made.spans) == 2


def test_standard_input(tmp_path, monkeypatch):
    path = write(tmp_path / "x", gzip.compress(json.dumps(s.JAEGER).encode()))
    with open(path, "rb") as file:
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": file}))
        made = Imported("-")
    assert len(made.spans) == 2
    assert made.summary.reports[0].file == "standard input"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_damaged_and_torn_archives(tmp_path, pack):
    whole = pack((lines(s.OTLP) * 2000).encode() + os.urandom(0))
    for body in (
        whole[: len(whole) // 2],
        whole[:30],
        whole[:6],
        whole[:20] + b"\xff" * 40 + whole[60:],
    ):
        made = Imported(write(tmp_path / "x", body))
        assert made.summary.failed == 1
        assert len(made.problems) >= 1


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_refused(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(source, "_FREE_BYTES", 1 << 20)
    made = Imported(write(tmp_path / "x", pack(lines(s.OTLP).encode() + b" " * (64 << 20))))
    assert made.summary.failed == 1
    assert "it unpacks to more than 500 times its size" in made.problems[0]
    zeros = Imported(write(tmp_path / "y", pack(b"\0" * (64 << 20))))
    assert zeros.summary.failed == 1


def test_a_line_that_is_too_long_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_PIECE", 3000)
    long = copy.deepcopy(s.ZIPKIN[0]) | {"tags": {"x": "y" * 4000}}
    made = Imported(write(tmp_path / "x", lines(s.ZIPKIN[0], long, s.ZIPKIN[1])))
    assert len(made.spans) == 2
    (problem,) = made.problems
    assert problem.startswith("line 2 (byte ")
    assert "longer than" in problem


def many_spans(count: int) -> dict[str, Any]:
    spans = [s.otlp_span(f"{n:016x}", s.ROOT) for n in range(1, count)]
    logs = [{"timeUnixNano": str(s.NS + n), "body": {"intValue": n}} for n in range(count)]
    scope = {"name": "lib", "version": "1"}
    # Spans before their resource and scope, as some writers have them.
    return {
        "resourceSpans": [
            {"scopeSpans": [{"spans": spans, "scope": scope}, {"spans": [s.otlp_span("f" * 16)]}],
             "schemaUrl": "u", "resource": s.SERVICE},
            s.OTLP_GROUP,
        ],
        "resourceLogs": [{"scopeLogs": [{"logRecords": logs}], "resource": s.SERVICE}],
    }  # fmt: skip


@pytest.mark.parametrize("value", [many_spans(2000), [many_spans(700), many_spans(5)]])
def test_a_resource_larger_than_the_bound_is_read_span_by_span(tmp_path, monkeypatch, value):
    path = write(tmp_path / "x", json.dumps(value, indent=1))
    whole = Imported(path)
    monkeypatch.setattr(reading, "MAX_PIECE", 5000)
    pieces = Imported(path)
    assert pieces.problems == []
    assert pieces.by_id == whole.by_id
    assert {e.record_id: e for e in pieces.events} == {e.record_id: e for e in whole.events}
    assert pieces.summary.spans == len(pieces.spans)


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("listed", [True, False])
def test_a_langfuse_trace_larger_than_the_bound(tmp_path, monkeypatch, beside, listed):
    rows = [s.OBSERVATIONS[0] | {"id": f"{n:016x}"} for n in range(1, 300)]
    value: Any = {"observations": rows, "trace": s.LF_TRACE}
    if not beside:
        value = {"trace": {"observations": rows} | s.LF_TRACE}
    elif listed:
        value["trace"] = s.LF_TRACE | {"observations": rows}
    path = write(tmp_path / "x", json.dumps([value] if listed else value))
    whole = Imported(path)
    monkeypatch.setattr(reading, "MAX_PIECE", 2000)
    pieces = Imported(path)
    assert pieces.problems == []
    assert len(whole.spans) == 299
    assert (pieces.spans, pieces.events) == (whole.spans, whole.events)


def test_what_cannot_be_cut_smaller_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_PIECE", 300)
    made = Imported(write(tmp_path / "x", s.TRAJ))
    assert made.spans == []
    assert made.problems == ["line 1 (byte 0): an object is larger than 0 MB"]


def test_a_format_can_be_forced_and_must_exist(tmp_path):
    path = write(tmp_path / "x", s.OTLP)
    assert Imported(path, wanted="otlp").spans
    assert Imported(path, wanted="zipkin").problems == ["it is no trace file that is known here"]
    with pytest.raises(UsageError, match="There is no format `jager`"):
        Imported(path, wanted="jager")


def test_counting_only(tmp_path):
    summary = Importer(None).run([str(write(tmp_path / "x", s.JAEGER))])
    assert (summary.spans, summary.traces, summary.trace_id) == (2, 1, s.TRACE)


class Narrow(Kept):
    """A sink that takes a batch only after room was made, and fails some on their way."""

    def __init__(self) -> None:
        super().__init__()
        self.room = 0
        self.made = 0

    def make_room(self) -> None:
        self.made += 1
        self.room = 2

    def submit(self, records: Any) -> Future[None]:
        if not self.room:
            raise OverloadedError("full", retry_after=0)
        self.room -= 1
        if self.room:
            return super().submit(records)
        failed: Future[None] = Future()
        failed.set_exception(OverloadedError("full", retry_after=0))
        return failed


def test_a_full_sink_is_waited_for_and_nothing_is_lost(tmp_path):
    sink = Narrow()
    spans = [s.ZIPKIN[0] | {"id": f"{n:016x}"} for n in range(1, 5001)]
    path = write(tmp_path / "x", lines(*spans))
    summary = Importer(sink, make_room=sink.make_room).run([str(path)])
    assert summary.spans == 5000
    assert len({record.span_id for record in sink.records}) == 5000
    assert sink.made > 1


class Down(Kept):
    def submit(self, records: Any) -> Future[None]:
        raise SinkDownError("The disk is full.")


def test_a_sink_that_is_down_ends_it(tmp_path):
    with pytest.raises(SinkDownError):
        Importer(Down()).run([str(write(tmp_path / "x", s.OTLP))])


def test_protobuf_is_the_same_as_json(tmp_path):
    """The collector's file of real records: each line as a file of protobuf, and all of them framed."""
    documents = [json.loads(line) for line in shared("otlp/otel-demo.jsonl").open(encoding="utf-8")]
    framed = b""
    for document in documents:
        _, body = protobuf(document)
        framed += len(body).to_bytes(4, "big") + body
        for cut in (len(body), 1 << 18):
            layout = layout_of(body[:cut])
            assert layout is not None
            assert not layout.framed
    whole = Imported(shared("otlp/otel-demo.jsonl"))
    made = Imported(write(tmp_path / "x.pb", framed))
    assert made.summary.reports[0].format == "otlp-protobuf"
    assert made.by_id == whole.by_id
    for kind in ("metrics", "events"):
        assert {r.record_id for r in getattr(made, kind)} == {
            r.record_id for r in getattr(whole, kind)
        }
    name, body = protobuf(next(d for d in documents if "resourceSpans" in d))
    together = b"".join(protobuf(d)[1] for d in documents if name in d)
    assert Imported(write(tmp_path / "y", together)).by_id == whole.by_id
    assert Imported(write(tmp_path / "z", zstandard.compress(body))).spans


@pytest.mark.parametrize("value", [s.OTLP, s.OTLP_LOGS, s.OTLP_METRICS])
def test_torn_protobuf(tmp_path, value):
    _, body = protobuf(value)
    assert Imported(write(tmp_path / "x", body)).records
    for cut in range(1, len(body), 7):
        made = Imported(write(tmp_path / "x", body[:cut]))
        assert made.records == []
        assert made.summary.failed == 1
    framed = len(body).to_bytes(4, "big") + body
    made = Imported(write(tmp_path / "x", framed + framed[:-3]))
    assert made.records
    assert made.problems == [f"byte {len(framed)}: the file ends in the middle of a message"]


def test_a_line_of_another_kind_is_named(tmp_path):
    made = Imported(write(tmp_path / "x", lines(s.OTLP, {}, s.ZIPKIN[0])))
    assert len(made.spans) == 2
    (problem,) = made.problems
    assert problem.startswith("line 3 (byte ")
    assert problem.endswith("there are no spans, logs or metrics in it")


@pytest.mark.parametrize("size", [1000, 200_000, 300_000, 3_000_000])
def test_lines_are_known_however_long_the_first_one_is(tmp_path, size):
    attribute = {"key": "t", "value": {"stringValue": "x" * size}}
    group = {"scopeSpans": [{"spans": [s.otlp_span(s.ROOT, attributes=[attribute])]}]}
    text = lines({"resourceSpans": [group]}) + "{broken\n" + lines(s.OTLP)
    made = Imported(write(tmp_path / "x", text))
    assert len(made.by_id) == 2
    assert len(made.spans) == 3
    (problem,) = made.problems
    assert problem.startswith("line 2 (byte ")
    one = Imported(
        write(tmp_path / "y", lines({"resourceSpans": [group]}).replace("}]}]", "}]\n}]"))
    )
    assert len(one.spans) == 1
    assert one.problems == []
