"""Alerts as a list are the same rows on every store."""

from __future__ import annotations

from jollyscope.model.records import EventRecord
from jollyscope.query.alerts import recent_alerts
from tests.conformance.conftest import Maker
from tests.library.live.test_alert_rows import CHAT, MINUTE, NOW, alert


def test_alerts(make: Maker):
    events = [alert("errors", n) for n in (0, 1, 2, 20)]
    events += [alert("errors", 1, CHAT), alert("loop", 5, trace="a" * 32), *events[:2]]
    events.append(EventRecord(record_id="own", time=NOW, type="alert", body={"any": "thing"}))
    subject = make()
    subject.feed(events)
    with subject.store.reader() as reader:
        rows = recent_alerts(reader, since=NOW, until=NOW + 21 * MINUTE)
        assert recent_alerts(reader, until=NOW) == []
    told = [(r.name, r.body, (r.first_time - NOW) // MINUTE, r.count) for r in rows]
    assert sorted(told) == [
        ("alert", '{"any":"thing"}', 0, 1),
        ("errors", "errors 1", 1, 1),
        ("errors", "errors 2", 0, 3),
        ("errors", "errors 20", 20, 1),
        ("loop", "loop 5", 5, 1),
    ]
    chat = next(row for row in rows if row.step_type == "think")
    assert (chat.service, chat.model, chat.tool_name) == ("desk 桌", "gpt 4o", None)
    assert next(row for row in rows if row.name == "loop").trace_id == "a" * 32
