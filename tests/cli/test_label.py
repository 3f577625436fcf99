"""`jollyscope label`, and where what it puts on is seen: `ls`, `show`, filters, completion."""

from __future__ import annotations

import json

import pytest

from jollyscope_cli.render.cells import wide
from tests.cli import records
from tests.cli.records import TRACE
from tests.cli.test_completion import complete


@pytest.fixture
def stored(home):
    records.store(home, *records.run()).close()
    return records.run()


def test_labels_are_put_on_listed_found_and_taken_off(run, stored):
    done = run("label", TRACE[:8], "golden", "慢 🐢", "--note", "look at the search\nagain")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"Put `golden`, `慢 🐢`, a note on {TRACE}.\n"

    listed = run("label", TRACE)
    assert "trace  ⚑ golden" in listed.out
    assert "look at the search\n" in listed.out
    assert run("ls", "traces", "label:golden", "--columns", "trace,labels").out == (
        f"trace\tlabels\n{TRACE}\tgolden,慢 🐢\n"
    )
    assert run("ls", "traces", 'note:"THE SEARCH"', "--columns", "trace").out.endswith(TRACE + "\n")
    assert run("ls", "traces", "-label:golden", "--columns", "trace").out == "trace\n"

    assert run("label", TRACE, "golden", "--remove").code == 0
    assert "golden" not in run("label", TRACE).out


def test_a_span_has_labels_of_its_own(run, stored):
    span = stored[2].span_id
    assert run("label", TRACE, "slow", "--span", span).code == 0
    assert run("label", span, "twice").code == 0

    found = json.loads(run("label", span, "--json").out)
    assert [(one["span_id"], one["text"]) for one in found] == [(span, "slow"), (span, "twice")]
    assert len(json.loads(run("label", TRACE, "--json").out)) == 2
    rows = json.loads(run("ls", "spans", "label:slow", "--columns", "span,labels", "--json").out)
    assert rows == [{"span": span, "labels": ["slow", "twice"]}]
    # Of a trace: what is on any of its spans.
    assert TRACE in run("ls", "traces", "label:slow").out


def test_show_has_them_below_the_head_and_below_the_span(run, stored):
    before = run("show", TRACE).out
    assert "annotations" not in json.loads(run("show", TRACE, "--json").out)
    run("label", TRACE, "golden", "--note", "a long note 很长的备注 " * 12)
    run("label", TRACE, "slow", "--span", stored[2].span_id)

    lines = run("show", TRACE).out.split("\n")
    assert [line for line in lines if line not in before.split("\n")] != []
    head = lines[: next(n for n, line in enumerate(lines) if line.startswith("steps "))]
    assert "⚑ golden" in head
    assert any(line.startswith("✎ a long note") for line in head)
    assert all(wide(line) <= 100 for line in head)
    bar = next(n for n, line in enumerate(lines) if "⚑ slow" in line)
    assert "search" in lines[bar - 1]

    document = json.loads(run("show", TRACE, "--json").out)
    # The first two are of one moment.
    assert sorted((a["kind"], a["span_id"] or "") for a in document["annotations"]) == [
        ("label", ""),
        ("label", stored[2].span_id),
        ("note", ""),
    ]
    assert document["annotations"][0]["time"].endswith("Z")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["ffff", "x"], 3, "`ffff`"),
        ([TRACE, "a,b"], 2, "comma"),
        ([TRACE, ""], 2, "empty"),
        ([TRACE, "--note", " "], 2, "empty"),
        ([TRACE, "--remove"], 2, "--remove takes labels"),
        ([TRACE, "gone", "--remove"], 3, "There is nothing on it."),
        ([TRACE, "x", "--span", "ffff"], 3, "ffff"),
        (["s-42", "x"], 2, "session"),
    ],
    ids=["trace", "comma", "empty", "note", "remove", "gone", "span", "session"],
)
def test_mistakes_are_one_sentence_and_change_nothing(run, home, args, code, says):
    records.store(home, *records.run()).close()
    done = run("label", *args)
    assert done.code == code, done.err
    assert says in done.err
    assert "Traceback" not in done.err
    assert json.loads(run("label", TRACE, "--json").out) == []


def test_a_misspelt_label_is_named(run, stored):
    run("label", TRACE, "golden")
    done = run("label", TRACE, "goldne", "--remove")
    assert done.code == 3
    assert "Did you mean `golden`?" in done.err
    assert "golden" in run("label", TRACE).out


def test_labels_complete(run, stored):
    run("label", TRACE, "golden", "slow")
    assert complete(f"jollyscope label {TRACE} go").stdout.count("golden") == 1
    assert "golden" in complete("jollyscope ls label:go").stdout
