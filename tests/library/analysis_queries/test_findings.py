"""What a store's runs were asked, and how they went: told, and the runs behind it listed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jollyscope.analysis.finding import Finding, Request
from jollyscope.analysis.queries.findings import QUERIES
from jollyscope.analysis.queries.reading import queries
from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import parse
from jollyscope.query.scope import Scope, scope
from jollyscope.store.api import Reader
from tests.library.analysis.planted import root, stored, think
from tests.library.analysis_queries.made import inputs

ASKED = inputs(600)


def asked_runs() -> Iterator[SpanRecord]:
    """A run each, of one thought or of four; three in ten refunds fail, and one in 25 others. Two say
    nothing of what they were asked, and one broke off.
    """
    chance = random.Random(3)
    for n, (kind, text) in enumerate(ASKED, 1):
        bad = chance.random() < (0.3 if kind == "refund" else 0.04)
        yield root(n, 1000, input=text, status="error" if bad else "ok", service=kind)
        for step in range(4 if kind == "article" else 1):
            yield think(n, 2 + step, step * 200, 100)
    yield root(801, 10)
    yield root(802, 10, input="  ")
    broken = root(803, 10, input="Refund order #1", service="refund")
    broken.end_time, broken.state = None, "open"
    yield broken


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with stored(tmp_path_factory.mktemp("asked"), asked_runs()).reader() as opened:
        yield opened


def told(reader: Reader, request: Request | None = None) -> list[Finding]:
    assert QUERIES.run is not None
    return list(QUERIES.run(reader, request or Request()))


def test_every_ended_run_is_counted_once(reader: Reader):
    asked = queries(reader, Scope())
    assert asked.silent.runs == 2
    assert sum(sums.runs for _, sums in asked.found) + asked.other.runs == len(ASKED) + 1
    kinds = Counter(kind for kind, _ in ASKED)
    (article,) = [sums for pattern, sums in asked.found if "article" in pattern.template]
    assert article.runs == kinds["article"]
    steps = reader.query(
        "SELECT step_count, count(*) FROM ads_traces WHERE service = 'article' GROUP BY step_count"
    )
    assert article.steps == Counter(dict(steps.rows))
    assert min(article.steps) >= 5
    assert (article.tokens, article.usd) == (
        4 * 1050 * article.runs,
        pytest.approx(0.004 * article.runs),
    )
    assert article.ms.quantile(0.5) == pytest.approx(1000, rel=0.01)


def test_what_fails_more_comes_first_and_says_so(reader: Reader):
    first, *others = told(reader)
    assert first.what.startswith("`Refund order #<n>` was asked in ")
    assert "; of all other runs 9" in first.what
    assert first.severity in ("high", "medium")
    assert {one.severity for one in others} == {"info"}
    numbers = first.evidence.numbers
    low, share, high = (float(numbers[f"success_{at}share"] or 0) for at in ("low_", "", "high_"))
    assert low < 0.7 < high
    assert share == int(numbers["succeeded"] or 0) / int(numbers["runs"] or 0)
    bars = [int(n or 0) for name, n in numbers.items() if name.startswith("runs_of_")]
    assert sum(bars) == numbers["runs"]
    assert set(str(numbers["words"]).split(", ")) >= {"Refund", "order"}
    failed = [n for n, span in enumerate(asked_runs()) if span.status == "error"]
    assert failed
    assert all(
        reader.query("SELECT status FROM ads_traces WHERE trace_id = ?", [trace]).rows
        == [("error",)]
        for trace in first.evidence.traces
    )


def test_its_filter_lists_its_runs(reader: Reader):
    for finding in told(reader)[:-1]:
        where = scope(finding.filter, now=0).condition("traces")
        listed = reader.query(
            f"SELECT count(*) FROM ads_traces WHERE {where.sql}",
            where.parameters,
        ).rows[0][0]
        assert listed == pytest.approx(int(finding.evidence.numbers["runs"] or 0), rel=0.03)


def test_the_last_one_is_what_is_like_little_else(reader: Reader):
    last = told(reader)[-1]
    noise = sum(kind == "noise" for kind, _ in ASKED)
    assert " is like little else: " in last.what
    assert last.evidence.numbers["runs"] == pytest.approx(noise, rel=0.15)
    assert last.evidence.numbers["without_input_runs"] == 2


def test_a_filter_narrows_it_and_one_run_has_none(reader: Reader):
    narrow = Request(scope=Scope(filter=parse("service:refund")))
    (only,) = [one for one in told(reader, narrow) if "pattern" in one.evidence.numbers]
    assert only.filter.startswith("service:refund input:")
    assert only.severity == "info"  # There are no others to fall behind.
    assert told(reader, Request(trace_id=f"{1:032x}")) == []


def test_few_runs_have_no_patterns(tmp_path: Path):
    with stored(tmp_path, [root(n, 10, input="hi") for n in range(1, 4)]).reader() as reader:
        assert told(reader) == []
