"""The alert rules, each a question that is answered with one number, or one a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.library.grafana.data_flow import ARRIVED, LAG
from tests.library.grafana.query import SOURCE, rows
from tests.library.grafana.sql import TRACES
from tests.library.grafana.system import DISK

__all__ = ["RULES", "Rule", "provisioned"]


class Rule(NamedTuple):
    """What is asked of the last `window_s`, above which it fires, after how long, and the dashboard and panel
    that show it."""

    uid: str
    title: str
    sql: str
    above: float
    window_s: int
    lasting: str
    severity: str
    panel: tuple[str, str]
    summary: str
    description: str


_ENDED = f"FROM {TRACES}\nWHERE state <> 'open'\nGROUP BY service\nHAVING count() >= 10"
"""Below ten executions a share says nothing."""

RULES = [
    Rule(
        "jollyscope-error-rate", "Executions fail",
        "SELECT ifNull(service, '(none)') AS service, countIf(status = 'error') / count() AS failed\n"
        + _ENDED,
        0.1, 900, "2m", "critical", ("errors", "Share of executions that fail"),
        "{{ .Labels.service }}: {{ humanizePercentage .Values.A.Value }} of its executions fail",
        "More than a tenth of the executions of the last 15 minutes failed, of at least ten.",
    ),
    Rule(
        "jollyscope-latency", "Executions are slow",
        "SELECT ifNull(service, '(none)') AS service,\n"
        "    quantileExactInclusive(0.95)(duration_ms) / 1000 AS seconds\n" + _ENDED,
        60, 900, "5m", "warning", ("executions", "How long they took"),
        "{{ .Labels.service }}: 95 % take up to {{ humanizeDuration .Values.A.Value }}",
        "Of the executions of the last 15 minutes, at least ten, one in twenty took over a minute.",
    ),
    Rule(
        "jollyscope-lag", "Records arrive late",
        f"SELECT quantileExactInclusiveOrNull(0.95)({LAG}) AS seconds\n{ARRIVED}",
        30, 300, "2m", "warning", ("data-flow", "Lag"),
        "Spans are stored {{ humanizeDuration .Values.A.Value }} after they ended",
        "From a span's end to its row in the store, 95 % of those of the last 5 minutes.",
    ),
    Rule(
        "jollyscope-freshness", "No new records",
        # Where nothing came for a day nothing runs, and nobody waits.
        "SELECT if(age < 86400, age, 0) AS seconds\nFROM (\n"
        "    SELECT minOrNull(toUnixTimestamp64Nano($__toTime_ms) - newest_time) / 1e9 AS age\n"
        "    FROM ads_pipeline WHERE stage = 'stored'\n)",
        900, 300, "5m", "critical", ("data-flow", "Stages"),
        "The newest record is {{ humanizeDuration .Values.A.Value }} old",
        "No span, metric or event became newer for a quarter of an hour, though some came within the last "
        "day: agents rest, or records no longer get through.",
    ),
    Rule(
        "jollyscope-dead-letters", "Records are refused",
        "SELECT count() AS refused\nFROM dwd_dead_letters\n"
        "WHERE time >= toUnixTimestamp64Nano($__fromTime_ms)\n"
        "    AND time <= toUnixTimestamp64Nano($__toTime_ms)",
        0, 900, "0s", "warning", ("data-flow", "Lines that are no records"),
        "{{ humanize .Values.A.Value }} lines were refused in 15 minutes",
        "They stand whole, each with the reason, in `dwd_dead_letters`.",
    ),
    Rule(
        "jollyscope-disk", "The store's disk fills up", DISK,
        0.85, 300, "5m", "critical", ("system", "Now"),
        "The store's disk is {{ humanizePercentage .Values.A.Value }} full",
        "Keep records for a shorter time (`clickhouse.ttl_*_days`), or give it more room.",
    ),
]  # fmt: skip


def provisioned(numbers: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """All of them as Grafana's provisioning reads them (apiVersion 1). `numbers`: the id of each panel, by
    dashboard and title.
    """
    group = {
        "orgId": 1,
        "name": "jollyscope",
        "folder": "JollyScope",
        "interval": "1m",
        "rules": [_rule(rule, numbers[rule.panel]) for rule in RULES],
    }
    return {"apiVersion": 1, "groups": [group]}


def _rule(rule: Rule, panel: int) -> dict[str, Any]:
    dashboard = f"jollyscope-{rule.panel[0]}"
    return {
        "uid": rule.uid,
        "title": rule.title,
        "condition": "C",
        "data": [_asked(rule), _compared(rule)],
        # No row is no execution to judge; a question that fails is told, not hidden.
        "noDataState": "OK",
        "execErrState": "Error",
        "for": rule.lasting,
        "dashboardUid": dashboard,
        "panelId": panel,
        "labels": {"severity": rule.severity, "source": "jollyscope"},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "__dashboardUid__": dashboard,
            "__panelId__": str(panel),
        },
    }


def _asked(rule: Rule) -> dict[str, Any]:
    model = rows(rule.sql).build().to_json()
    return {
        "refId": "A",
        "relativeTimeRange": {"from": rule.window_s, "to": 0},
        "datasourceUid": SOURCE.uid,
        "model": {**model, "intervalMs": 60_000, "maxDataPoints": 1000},
    }


def _compared(rule: Rule) -> dict[str, Any]:
    """A table with one number a row is a set of numbers to Grafana's expressions; text columns label them."""
    return {
        "refId": "C",
        "relativeTimeRange": {"from": rule.window_s, "to": 0},
        "datasourceUid": "__expr__",
        "model": {
            "refId": "C",
            "type": "threshold",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "expression": "A",
            "conditions": [{"evaluator": {"type": "gt", "params": [rule.above]}}],
        },
    }
