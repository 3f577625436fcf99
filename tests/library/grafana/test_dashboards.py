"""The files of `compose/grafana` are current, and what Grafana's schema allows."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.library.grafana.alerts import RULES
from tests.library.grafana.blocks import STEPS
from tests.library.grafana.conforms import wrong
from tests.library.grafana.make_dashboards import DASHBOARDS, files, folder
from tests.library.grafana.query import SOURCE

register_default_plugins()


@pytest.fixture(params=DASHBOARDS)
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads((folder() / "dashboards" / f"{request.param}.json").read_text("utf-8"))


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def _lists(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [v for v in dashboard["templating"]["list"] if v["type"] == "query"]


def decoded(said: dict[str, Any]) -> Dashboard:
    return Dashboard.from_json(deepcopy(said))


def encoded(dashboard: Dashboard) -> dict[str, Any]:
    return json.loads(json.dumps(dashboard, cls=JSONEncoder))


def test_the_files_are_current():
    there = {
        str(path.relative_to(folder())): path.read_text("utf-8")
        for place in ("dashboards", "provisioning/alerting")
        for path in (folder() / place).iterdir()
    }
    assert there == files(), "run `python -m tests.library.grafana.make_dashboards`"


def test_it_is_what_the_schema_says(dashboard: dict[str, Any]):
    assert encoded(decoded(dashboard)) == dashboard
    assert list(wrong(decoded(dashboard))) == []


def test_the_schema_finds_what_is_wrong(dashboard: dict[str, Any]):
    panel = panels(dashboard)[0]
    panel["fieldConfig"]["defaults"]["units"] = "ms"  # no such field
    assert encoded(decoded(dashboard)) != dashboard
    panel["options"]["graphMode"] = "lines"  # no such mode
    panel["gridPos"]["w"] = "wide"
    found = list(wrong(decoded(dashboard)))
    assert len(found) == 2
    assert all(".panels[" in place for place in found)


def test_panels_lie_side_by_side(dashboard: dict[str, Any]):
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    areas = [panel["gridPos"] for panel in dashboard["panels"]]
    assert all(area["x"] + area["w"] <= 24 for area in areas)
    for one, other in combinations(areas, 2):
        apart = any(
            one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at]
            for at, size in (("x", "w"), ("y", "h"))
        )
        assert apart, (one, other)


def test_every_question_goes_to_the_store(dashboard: dict[str, Any]):
    for panel in panels(dashboard):
        asked = panel["targets"]
        assert asked
        assert all(query["datasource"] == SOURCE.to_json() for query in asked)
        assert len({query["refId"] for query in asked}) == len(asked)
        # A plot over time, and nothing else, is asked for as one.
        formats = {query["format"] for query in asked}
        assert formats == {0 if panel["type"] == "timeseries" else 1}


DOCS = Path(__file__).parents[3] / "docs"

BESIDE = {"ads_traces_between", "ods_spans", "system.disks"}
"""`ads_traces` bounded in time; when a span was stored, which no view says; the server's disks."""


def test_only_documented_views_are_read(dashboard: dict[str, Any]):
    documented = set(re.findall(r"columns of (\w+)", (DOCS / "schema.md").read_text("utf-8")))
    questions = [query["rawSql"] for panel in panels(dashboard) for query in panel["targets"]]
    questions += [v["query"]["rawSql"] for v in _lists(dashboard)] + [rule.sql for rule in RULES]
    for sql in questions:
        read = set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_.]+)", sql))
        own = set(re.findall(r"\b([a-z_]+) AS \(", sql))
        assert read - own <= documented | BESIDE, sql


def test_the_same_thing_has_the_same_colour():
    seen: dict[str, set[str]] = {}
    for name in DASHBOARDS:
        said = json.loads(files()[f"dashboards/{name}.json"])
        for panel in panels(said):
            for override in panel.get("fieldConfig", {}).get("overrides", []):
                for looks in override["properties"]:
                    if looks["id"] == "color":
                        seen.setdefault(override["matcher"]["options"], set()).add(
                            looks["value"]["fixedColor"]
                        )
    assert set(STEPS) <= set(seen)
    assert all(len(colours) == 1 for colours in seen.values())


def test_links_lead_to_dashboards_that_are_there():
    known = {f"jollyscope-{name}" for name in DASHBOARDS}
    text = "".join(files().values())
    assert set(re.findall(r"/d/([a-z-]+)", text)) <= known
    assert set(re.findall(r"__dashboardUid__: (\S+)", text)) <= known
    assert "jollyscope show " in text


def test_the_data_source_takes_its_credentials_from_the_environment():
    path = folder() / "provisioning" / "datasources" / "clickhouse.yaml"
    (source,) = yaml.safe_load(path.read_text("utf-8"))["datasources"]
    assert (source["type"], source["uid"]) == (SOURCE.type_val, SOURCE.uid)
    assert source["secureJsonData"] == {"password": "$CLICKHOUSE_PASSWORD"}
    asked = {str(v)[1:] for v in source["jsonData"].values() if str(v).startswith("$")}
    assert asked == {
        "CLICKHOUSE_HOST", "CLICKHOUSE_PORT", "CLICKHOUSE_SECURE", "CLICKHOUSE_USER", "CLICKHOUSE_DB"
    }  # fmt: skip


def test_compose_mounts_the_folder_and_tells_the_credentials():
    compose = yaml.safe_load((folder().parent / "compose.yaml").read_text("utf-8"))
    grafana = compose["services"]["grafana"]
    assert "./grafana:/etc/jollyscope/grafana:ro" in grafana["volumes"]
    told = grafana["environment"]
    assert told["GF_PATHS_PROVISIONING"] == "/etc/jollyscope/grafana/provisioning"
    text = (folder() / "provisioning" / "datasources" / "clickhouse.yaml").read_text("utf-8")
    assert set(re.findall(r"\$(\w+)", text)) <= set(told)


def test_every_dashboard_and_rule_is_documented():
    text = (DOCS / "grafana.md").read_text("utf-8")
    for name in DASHBOARDS:
        title = json.loads(files()[f"dashboards/{name}.json"])["title"].removeprefix(
            "JollyScope / "
        )
        assert f"| {title} |" in text
    for rule in RULES:
        assert f"| {rule.title} |" in text


def test_the_dashboards_are_where_the_provider_looks():
    path = folder() / "provisioning" / "dashboards" / "jollyscope.yaml"
    (provider,) = yaml.safe_load(path.read_text("utf-8"))["providers"]
    assert provider["options"]["path"].removeprefix("/etc/jollyscope/grafana/") == "dashboards"
