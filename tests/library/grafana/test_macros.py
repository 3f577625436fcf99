"""The plugin's macros, by the examples of its own tests and documentation."""

from __future__ import annotations

import pytest

from tests.library.grafana.plugin_macros import Shown, in_backend, in_browser

SHOWN = Shown(1_760_000_000_123, 1_760_003_600_456, 15_000)


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("t > $__fromTime", "t > toDateTime(1760000000)"),
        ("t < $__toTime)", "t < toDateTime(1760003600))"),
        ("f($__fromTime_ms)", "f(fromUnixTimestamp64Milli(1760000000123))"),
        ("f($__toTime_ms)", "f(fromUnixTimestamp64Milli(1760003600456))"),
        ("t % $__interval_s", "t % 15"),
    ],
)
def test_in_the_backend(sql: str, made: str):
    assert in_backend(sql, SHOWN) == made


@pytest.mark.parametrize("sql", ["$__timeFilter(t)", "$__fromTimes", "${tool}", "$service = 1"])
def test_what_is_left_is_an_error(sql: str):
    with pytest.raises(ValueError, match="is left"):
        in_backend(sql, SHOWN)


def test_points_lie_a_second_apart_at_least():
    assert in_backend("$__interval_s", SHOWN._replace(interval_ms=20)) == "1"


CONDITION = (
    "a AND $__conditionalAll(x IN (${v:singlequote}), $v) AND f($__conditionalAll(g(y, 1), ${w}))"
)


@pytest.mark.parametrize(
    ("v", "w", "made"),
    [
        (["$__all"], [""], "a AND 1=1 AND f(1=1)"),
        (["o'b", "c"], ["1"], "a AND x IN ('o\\'b','c') AND f(g(y, 1))"),
    ],
)
def test_in_the_browser(v: list[str], w: list[str], made: str):
    found = in_browser(CONDITION, {"v": v, "w": w})
    # Of `g(y, 1), ${w}` the last comma outside brackets parts condition and variable.
    assert found == made
