"""What JollyScope writes, it reads: records come back as they are."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.document import execution_document
from jollyscope.model.wire import encode_lines
from tests import strategies
from tests.cli.records import run
from tests.library.importers.helpers import Imported, write

# A metric without any value looks like an event without any text; such are not made.
measured = strategies.metrics.filter(lambda m: m.value is not None or m.distribution)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(strategies.spans() | measured | strategies.events, min_size=1, max_size=6))
def test_records_of_any_kind(records):
    with tempfile.TemporaryDirectory() as folder:
        made = Imported(write(Path(folder) / "x", encode_lines(records)))
    assert made.problems == []
    assert made.records == records


def test_the_document_of_an_execution(tmp_path):
    spans = run()
    document = execution_document(spans)
    made = Imported(write(tmp_path / "x", document))
    assert made.problems == []
    again = execution_document(made.spans)
    assert again == document
    assert len({span.trace_id for span in made.spans}) == 1


def test_a_refused_record_is_named(tmp_path):
    good = encode_lines(run())
    bad = good.replace(b'"trace_id":"7f3a', b'"trace_id":"ZZZZ', 1)
    made = Imported(write(tmp_path / "x", bad))
    assert len(made.spans) == len(run()) - 1
    assert made.problems == ["line 1 (byte 0): Not a span record: trace_id is not lowercase hex"]
