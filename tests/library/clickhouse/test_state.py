"""Notes, labels and views on ClickHouse."""

from __future__ import annotations

from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.state import label, note
from tests.clickhouse import address, emptied

TRACE = "1" * 32


def test_labels_and_notes_are_kept_replaced_and_dropped():
    emptied("library")
    store = ClickHouseStore(address("library"))
    good = label(TRACE, None, "好 one", by="ann", now=5)
    said = note(TRACE, "a" * 16, "look: 'here'", by="ann", now=7)
    store.state.annotate([good, said, good])
    assert store.state.annotations([TRACE]) == [good, said]
    assert store.state.annotations(["2" * 32]) == []
    assert store.state.known_labels() == ["好 one"]
    with store.reader() as reader:
        assert reader.query("SELECT text FROM ads_annotations ORDER BY time").rows == [
            ("好 one",),
            ("look: 'here'",),
        ]
    assert store.state.drop([good.id, "f" * 16]) == 1
    assert store.state.all_annotations() == [said]
    store.state.annotate([good])
    assert store.state.all_annotations() == [good, said]
    assert store.state.drop_view("none") is False
