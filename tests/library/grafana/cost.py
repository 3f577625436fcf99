"""Cost: tokens and dollars, and whose they are."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard
from tests.library.grafana.blocks import COUNT, DOLLARS, number, plot, rows_of
from tests.library.grafana.links import TRACE_LINKS
from tests.library.grafana.query import Query, over_time, rows
from tests.library.grafana.sql import MINUTE, TRACES, chosen, chosen_traces, moment, within
from tests.library.grafana.variables import framed

__all__ = ["cost"]

# `dws_minutes` counts a call once that two libraries recorded; null where nobody told.
_MINUTES = f"FROM dws_minutes AS m\nWHERE {within('minute')}\n    AND {chosen()}"
_TRACES = f"FROM {TRACES} AS t\nWHERE {chosen_traces()}"
_UNITS = {"cost": DOLLARS, "of one": DOLLARS}


def _over_time(column: str, name: str) -> Query:
    return over_time(
        f"SELECT {MINUTE}, ifNull({column}, '(none)') AS {name}, sum(m.cost_usd) AS cost\n{_MINUTES}\n"
        f"    AND m.cost_usd IS NOT NULL\nGROUP BY time, {name}\nORDER BY time, {name}"
    )


def _table(column: str, name: str) -> Query:
    return rows(
        f"""
SELECT
    ifNull({column}, '(none)') AS {name},
    sum(m.cost_usd) AS cost,
    sum(m.input_tokens) AS tokens_in,
    sum(m.output_tokens) AS tokens_out,
    sumIf(span_count, m.input_tokens IS NOT NULL) AS calls
{_MINUTES}
    AND (m.input_tokens IS NOT NULL OR m.cost_usd IS NOT NULL)
GROUP BY {name}
ORDER BY cost DESC
LIMIT 100
"""
    )


_DEAREST = f"""
SELECT
    {moment("t.start_time", "began")}, trace_id, service, user_id AS user, input,
    t.cost_usd AS cost, t.input_tokens AS tokens_in, t.output_tokens AS tokens_out,
    arrayStringConcat(models, ', ') AS models
{_TRACES} AND t.cost_usd IS NOT NULL
ORDER BY cost DESC
LIMIT 100
"""


def cost() -> Dashboard:
    """The dashboard."""
    tokens = over_time(
        f"SELECT {MINUTE}, sum(m.input_tokens) AS sent, sum(m.output_tokens) AS received\n{_MINUTES}\n"
        "GROUP BY time\nORDER BY time"
    )
    unknown = (
        "SELECT countIf(t.cost_usd IS NULL AND t.input_tokens IS NOT NULL) / count()\n" + _TRACES
    )
    return framed(
        "cost",
        "Cost",
        "Tokens and dollars by model, user and service; each model call counted once.",
        [
            ("In all", [
                number("Cost", rows(f"SELECT sum(m.cost_usd)\n{_MINUTES}"), DOLLARS),
                number("Cost of one execution", rows(f"SELECT avg(t.cost_usd)\n{_TRACES}"), DOLLARS),
                number("Tokens sent", rows(f"SELECT sum(m.input_tokens)\n{_MINUTES}"), COUNT),
                number("Tokens received", rows(f"SELECT sum(m.output_tokens)\n{_MINUTES}"), COUNT),
                number("Users", rows(f"SELECT uniqExact(user_id)\n{_TRACES}"), COUNT),
                number("Cost unknown", rows(unknown), "percentunit",
                       about="Executions that used tokens of a model whose price is not known."),
                plot("Dollars by model", _over_time("model", "model"), DOLLARS, label="model", stacked=True,
                     least="1m"),
                plot("Tokens", tokens, COUNT, stacked=True, least="1m"),
            ]),
            ("By model", [rows_of("Models", _table("model", "model"), _UNITS, height=8)]),
            ("By service and user", [
                plot("Dollars by service", _over_time("service", "service"), DOLLARS, label="service",
                     stacked=True, least="1m"),
                rows_of("Services", _table("service", "service"), _UNITS, width=12, height=8),
                rows_of("Users", _table("user_id", "user"), _UNITS, height=8),
            ]),
            ("Single executions", [
                rows_of("Dearest executions", rows(_DEAREST), _UNITS, links={"trace_id": TRACE_LINKS}),
            ]),
        ],
    )  # fmt: skip
