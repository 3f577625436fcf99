"""The analyses over a store find what was planted in it, say so, and list the runs behind it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from jollyscope.analysis.finding import Finding, Request
from jollyscope.analysis.groups.anomalies import ANOMALIES
from jollyscope.analysis.groups.changes import CHANGES
from jollyscope.analysis.groups.compare import COMPARE
from jollyscope.analysis.groups.entries import GROUPS
from jollyscope.analysis.groups.slo import SLO, attained, objective
from jollyscope.analysis.groups.trends import TRENDS
from jollyscope.analysis.groups.visits import SESSIONS, sessions, users
from jollyscope.errors import UsageError
from jollyscope.model.wire import encode_lines
from jollyscope.query.filter import parse
from jollyscope.query.scope import Scope, scope
from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.library.analysis_groups.made import CHANGE, DAY, DAYS, SPELL, START, WILD, planted

NOW = START + DAYS * DAY
ALL = Request(scope=Scope(now=NOW))


def listed(reader: Reader, finding: Finding) -> int:
    """How many runs a finding's filter lists."""
    where = scope(finding.filter, now=NOW).condition("traces")
    return reader.query(
        f"SELECT count(*) FROM ads_traces WHERE {where.sql}", where.parameters
    ).rows[0][0]


def test_the_change_and_its_version_are_found(reader: Reader):
    assert CHANGES.run is not None
    (found,) = CHANGES.run(reader, ALL)
    numbers = found.evidence.numbers
    assert abs(int(str(numbers["since"])) - CHANGE) <= 6 * 20 * 60 * 10**9  # Of one point.
    assert numbers["ratio"] == pytest.approx(2, rel=0.05)
    assert (numbers["service"], numbers["version_before"], numbers["version"]) == (
        "desk", "1.3", "1.4",
    )  # fmt: skip
    assert found.what.startswith("The median time of the tool `search` went from 1")
    assert found.what.endswith("with version 1.4 of desk (before: 1.3).")
    since = [s for s in planted() if s.name == "search" and s.start_time >= CHANGE]
    assert found.saves_ms == pytest.approx(100 * len(since), rel=0.1)
    assert listed(reader, found) == pytest.approx(len(since), abs=6)


def test_a_change_without_a_new_version_names_none(tmp_path_factory: pytest.TempPathFactory):
    spans = [s for s in planted()[: 4 * 400] if s.name == "search"]
    for n, span in enumerate(spans):
        span.parent_span_id = None
        span.duration_ms = (span.duration_ms or 0) * (3 if n >= 200 else 1)
    home = tmp_path_factory.mktemp("same")
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(spans))
    writer.close()
    assert CHANGES.run is not None
    with LakeStore(home).reader() as reader:
        found = CHANGES.run(reader, ALL)
    (tool,) = [f for f in found if "the tool `search`" in f.what]
    assert tool.evidence.numbers["version"] is None
    assert "version" not in tool.what


def test_the_spell_and_the_wild_run_are_found(reader: Reader):
    assert ANOMALIES.run is not None
    mail, run, wild = sorted(
        ANOMALIES.run(reader, ALL), key=lambda f: ("mail" not in f.what, "error" not in f.what)
    )
    for spell in (mail, run):
        first, last = (int(str(spell.evidence.numbers[name])) for name in ("since", "until"))
        assert abs(first - SPELL[0]) <= 10 * 3600 * 10**9
        assert abs(last - SPELL[1]) <= 10 * 3600 * 10**9
        assert float(str(spell.evidence.numbers["usual_share"])) < 0.03
        assert float(str(spell.evidence.numbers["value_share"])) > 0.3
    assert wild.evidence.traces == [f"{WILD + 1:032x}"]
    assert listed(reader, wild) == 1
    assert wild.saves_ms is not None
    assert wild.saves_ms > 20_000


def test_the_slow_hour_is_found_and_nothing_else(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "jollyscope.analysis.groups.hours.local",
        lambda ns: datetime.fromtimestamp(ns // 10**9, UTC),
    )
    assert TRENDS.run is not None
    (found,) = TRENDS.run(reader, ALL)
    assert (found.evidence.numbers["kind"], found.evidence.numbers["at"]) == ("hour", 14)
    assert "from 14:00 to 15:00" in found.what


def test_sessions_and_users_are_counted(reader: Reader):
    found = sessions(reader, ALL)
    assert found is not None
    ends = {s.session_id: s for s in planted() if s.step_type == "user_input"}
    del ends[f"s{DAYS * 18}"]  # The last one may go on.
    assert (found.number, found.single) == (DAYS * 18 - 1, 0)
    assert found.abandoned == sum(s.status == "error" for s in ends.values())
    assert found.left_failed[0] == found.abandoned
    assert found.left_failed[0] + found.left_good[0] == found.number
    assert found.runs_p50 == found.runs_p95 == 4
    assert found.pause_p50_ms == pytest.approx(20 * 60_000, rel=0.01)
    assert found.length_p50_ms == pytest.approx(3 * 20 * 60_000, rel=0.01)
    people = users(reader, ALL)
    assert people is not None
    assert (people.number, people.returning) == (50, 50)
    assert people.away_p50_ms == pytest.approx((50 * 80 - 60) * 60_000, rel=0.01)
    assert SESSIONS.run is not None
    assert len(SESSIONS.run(reader, ALL)) == 3


def test_before_and_after_are_compared(reader: Reader):
    assert COMPARE.run is not None
    request = Request(scope=Scope(now=NOW, since=CHANGE), against=Scope(now=NOW, until=CHANGE))
    first, *rest = COMPARE.run(reader, request)
    assert first.what.startswith("Duration: 1.")
    assert all(finding.what.endswith("no clear difference.") for finding in rest)
    assert COMPARE.run(reader, ALL) == []
    (few,) = COMPARE.run(
        reader, Request(scope=ALL.scope, against=Scope(now=NOW, filter=parse("user:nobody")))
    )
    assert "0 are too few to compare" in few.what


def test_attainment_adds_up_and_budgets_are_what_is_left(reader: Reader):
    wanted = objective("p95  duration < 2s")
    assert (wanted.target, str(wanted.good)) == (0.95, "duration<2s")
    runs = [s for s in planted() if s.step_type == "user_input"]
    good = sum((s.duration_ms or 0) < 2000 for s in runs)
    found = attained(reader, ALL.scope, wanted)
    assert (found.good, found.runs) == (good, len(runs))
    assert sum(day[1] for day in found.days.values()) == len(runs)
    assert found.budget_left(0.95) == pytest.approx(1 - (len(runs) - good) / (0.05 * len(runs)))
    ok = attained(reader, ALL.scope, objective("success > 99%"))
    assert ok == attained(reader, ALL.scope, objective("errors < 1%"))
    assert ok.good == sum(s.status != "error" for s in runs)
    assert attained(reader, ALL.scope, objective("p99 cost < 0.05")).good == len(runs)
    assert attained(reader, ALL.scope, objective("p50 steps <= 4")).good == len(runs)


def test_an_objective_says_whether_it_was_kept(reader: Reader):
    assert SLO.run is not None
    request = Request(scope=ALL.scope, slo=("success > 99%", "p90 duration < 20s"))
    missed, kept = SLO.run(reader, request)
    assert missed.severity == "high"
    assert "is missed" in missed.what
    assert "overspent" in missed.what
    assert (kept.severity, "is kept" in kept.what) == ("info", True)
    shares = [n for name, n in missed.evidence.numbers.items() if name.startswith("2027-")]
    assert len(shares) in (2 * DAYS, 2 * DAYS + 2)  # A share and a count a day, by the local clock.
    assert listed(reader, missed) <= 72


@pytest.mark.parametrize(
    "text", ["fast", "p95 duration", "p95 duration < soon", "success > 100%", "p0 cost < 1",
             "success < 9%", ""],
)  # fmt: skip
def test_what_is_no_objective_is_told(text: str):
    with pytest.raises(UsageError) as told:
        objective(text)
    assert told.value.hint


def test_one_run_is_no_group(reader: Reader):
    one = Request(scope=Scope(now=NOW), trace_id=f"{1:032x}")
    assert all(not analysis.run(reader, one) for analysis in GROUPS if analysis.run)


def test_where_nothing_matches_nothing_is_found(reader: Reader):
    none = Request(
        scope=Scope(now=NOW, filter=parse("user:nobody")),
        against=Scope(now=NOW, filter=parse("user:nobody")),
        slo=("success > 99%",),
    )
    found = [f for a in GROUPS if a.run for f in a.run(reader, none)]
    assert [f.severity for f in found] == ["info"]


def test_the_same_data_gives_the_same_answer(reader: Reader):
    request = Request(
        scope=Scope(now=NOW, since=NOW - 2 * DAY),
        against=Scope(now=NOW, until=START + 2 * DAY),
        slo=("success > 99%",),
    )
    answers = {
        json.dumps(
            [(f.what, f.evidence.numbers) for a in GROUPS if a.run for f in a.run(reader, request)]
        )
        for _ in range(2)
    }
    assert len(answers) == 1
