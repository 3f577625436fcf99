"""Cost: tokens and dollars, and whose they are."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tests.library.grafana.blocks import COUNT, DOLLARS, SHARE, Figure, numbers, plot, rows_of
from tests.library.grafana.links import TRACE_LINKS
from tests.library.grafana.query import Query, over_time, rows
from tests.library.grafana.sql import BUCKET, MINUTE, TRACES, chosen, chosen_traces, moment, within
from tests.library.grafana.variables import framed

__all__ = ["cost"]

# `dws_minutes` and `ads_traces` count a call once that two libraries recorded; null where nobody told.
# Only the sums by model need the former, which looks at every trace there is.
_MINUTES = f"FROM dws_minutes AS m\nWHERE {within('minute')}\n    AND {chosen()}"
_TRACES = f"FROM {TRACES} AS t\nWHERE {chosen_traces()}"
_BEGAN = BUCKET.replace("start_time", "t.start_time")

_SUMS = f"""
SELECT
    sum(t.cost_usd) AS cost,
    avg(t.cost_usd) AS cost_of_one,
    sum(t.input_tokens) AS tokens_sent,
    sum(t.output_tokens) AS tokens_received,
    uniqExact(user_id) AS users,
    countIf(t.cost_usd IS NULL AND t.input_tokens IS NOT NULL) / count() AS cost_unknown
{_TRACES}
"""
_FIGURES = {
    "cost": Figure(DOLLARS), "cost_of_one": Figure(DOLLARS), "tokens_sent": Figure(COUNT),
    "tokens_received": Figure(COUNT), "users": Figure(COUNT), "cost_unknown": Figure(SHARE),
}  # fmt: skip

_BY_MODEL = f"""
SELECT {MINUTE}, ifNull(model, '(none)') AS model, sum(m.cost_usd) AS cost
{_MINUTES}
    AND m.cost_usd IS NOT NULL
GROUP BY time, model
ORDER BY time, model
"""

_MODELS = f"""
SELECT
    ifNull(model, '(none)') AS model,
    sum(m.cost_usd) AS cost,
    sum(m.input_tokens) AS tokens_sent,
    sum(m.output_tokens) AS tokens_received,
    sumIf(span_count, m.input_tokens IS NOT NULL) AS calls
{_MINUTES}
    AND (m.input_tokens IS NOT NULL OR m.cost_usd IS NOT NULL)
GROUP BY model
ORDER BY cost DESC
LIMIT 100
"""


def _by_service() -> Query:
    return over_time(
        f"SELECT {_BEGAN}, ifNull(service, '(none)') AS program, sum(t.cost_usd) AS cost\n{_TRACES}\n"
        "GROUP BY time, program\nORDER BY time, program"
    )


def _whose(column: str, name: str) -> Query:
    return rows(
        f"""
SELECT
    ifNull({column}, '(none)') AS {name},
    count() AS executions,
    sum(t.cost_usd) AS cost,
    avg(t.cost_usd) AS cost_of_one,
    sum(t.input_tokens) AS tokens_sent,
    sum(t.output_tokens) AS tokens_received
{_TRACES}
GROUP BY {name}
ORDER BY cost DESC
LIMIT 100
"""
    )


_DEAREST = f"""
SELECT
    {moment("t.start_time", "began")}, trace_id, service, user_id AS user, input,
    t.cost_usd AS cost, t.input_tokens AS tokens_sent, t.output_tokens AS tokens_received,
    arrayStringConcat(models, ', ') AS models
{_TRACES} AND t.cost_usd IS NOT NULL
ORDER BY cost DESC
LIMIT 100
"""


_UNITS = {"cost": DOLLARS, "cost_of_one": DOLLARS}


def cost() -> Dashboard:
    """The dashboard."""
    tokens = over_time(
        f"SELECT {_BEGAN}, sum(t.input_tokens) AS sent, sum(t.output_tokens) AS received\n{_TRACES}\n"
        "GROUP BY time\nORDER BY time"
    )
    return framed(
        "cost",
        "Cost",
        "Tokens and dollars by model, user and service; each model call counted once.",
        [
            ("In all", [
                numbers("In all", rows(_SUMS), _FIGURES,
                        about="`cost_unknown`: the share of executions that used tokens of a model whose "
                        "price is not known."),
                plot("Dollars by service", _by_service(), DOLLARS, label="program", stacked=True, least="1m"),
                plot("Tokens", tokens, COUNT, stacked=True, least="1m"),
            ]),
            ("By model", [
                plot("Dollars by model", over_time(_BY_MODEL), DOLLARS, label="model", stacked=True,
                     least="1m"),
                rows_of("Models", rows(_MODELS), _UNITS, width=12, height=8),
            ]),
            ("By service and user", [
                rows_of("Services", _whose("service", "program"), _UNITS, width=12),
                rows_of("Users", _whose("user_id", "user"), _UNITS, width=12),
            ]),
            ("Single executions", [
                rows_of("Dearest executions", rows(_DEAREST), _UNITS, links={"trace_id": TRACE_LINKS}),
            ]),
        ],
    )  # fmt: skip
