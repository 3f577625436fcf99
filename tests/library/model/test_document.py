"""The JSON document of one execution: its keys and their order are a promise."""

from __future__ import annotations

import json

from jollyscope.model.document import execution_document, iso
from tests.library.model.make import running, sid, span

DAY = 1_795_183_391_000_250_999  # 2026-11-20T14:03:11.000250999Z


def test_the_document_of_a_run_to_the_letter():
    spans = [
        span(2, 1, step_type="act", tool_name="search", input='{"城市": "北京"}', output="x",
             start_time=DAY + 10**9, end_time=DAY + 2 * 10**9, duration_ms=1000.0,
             status="error", error_message="took too long"),
        span(1, session_id="s-1", user_id="ann", name="run", step_type="user_input",
             input="查一下", start_time=DAY, end_time=DAY + 3 * 10**9, duration_ms=3000.0, status="ok"),
        running(3, 1, conversation_id="c-1", user_id="bob", name="think", step_type="think",
                start_time=DAY + 4 * 10**9),
    ]  # fmt: skip
    assert json.dumps(execution_document(spans), ensure_ascii=False, indent=1) == (
        """\
{
 "session_id": "s-1",
 "conversation_id": "c-1",
 "user_id": "ann",
 "timestamp": "2026-11-20T14:03:11.000250Z",
 "spans": [
  {
   "span_id": "0000000000000001",
   "parent_span_id": null,
   "name": "run",
   "start_time": "2026-11-20T14:03:11.000250Z",
   "end_time": "2026-11-20T14:03:14.000250Z",
   "duration_ms": 3000.0,
   "attributes": {
    "step_type": "user_input",
    "content": "查一下",
    "tool_name": null,
    "status": "success",
    "error_message": null
   }
  },
  {
   "span_id": "0000000000000002",
   "parent_span_id": "0000000000000001",
   "name": "s2",
   "start_time": "2026-11-20T14:03:12.000250Z",
   "end_time": "2026-11-20T14:03:13.000250Z",
   "duration_ms": 1000.0,
   "attributes": {
    "step_type": "act",
    "content": "{\\"城市\\": \\"北京\\"}",
    "tool_name": "search",
    "status": "error",
    "error_message": "took too long"
   }
  },
  {
   "span_id": "0000000000000003",
   "parent_span_id": "0000000000000001",
   "name": "think",
   "start_time": "2026-11-20T14:03:15.000250Z",
   "end_time": null,
   "duration_ms": null,
   "attributes": {
    "step_type": "think",
    "content": null,
    "tool_name": null,
    "status": "success",
    "error_message": null
   }
  }
 ]
}"""
    )


def test_doubles_are_settled_and_ties_stand_by_id():
    spans = [span(3, start_time=5), running(3, start_time=5), span(2, start_time=5), span(1)]
    found = execution_document(spans)["spans"]
    assert [s["span_id"] for s in found] == [sid(2), sid(3), sid(1)]
    assert found[1]["end_time"] is not None


def test_an_unknown_execution_is_an_empty_document():
    assert execution_document([]) == {
        "session_id": None,
        "conversation_id": None,
        "user_id": None,
        "timestamp": None,
        "spans": [],
    }


def test_iso():
    assert iso(0) == "1970-01-01T00:00:00.000000Z"
    assert iso(999) == "1970-01-01T00:00:00.000000Z"
    assert iso(1_000_001_000) == "1970-01-01T00:00:01.000001Z"
    assert iso(2**63 - 1) == "2262-04-11T23:47:16.854775Z"
