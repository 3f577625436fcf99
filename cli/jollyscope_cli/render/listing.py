"""The columns of `ls`: what each list shows of a row, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from jollyscope.model import format as fmt
from jollyscope.model.records import StepType
from jollyscope.model.steps import FAILED, GLYPH, INTERRUPTED, RUNNING, first_line
from jollyscope.query.fields import SHORT, total_tokens, value
from jollyscope.query.groups import ModelRow, ServiceRow, ToolRow, UserRow
from jollyscope.query.listing import SessionRow, SpanRow, TraceRow
from jollyscope_cli.render.moments import ago, moment
from jollyscope_cli.render.table import Cell, Column

__all__ = ["DEFAULT", "View", "columns_of", "short_length", "status_cell"]

_STEPS: dict[str, StepType] = {
    "u": "user_input",
    "t": "think",
    "a": "act",
    "o": "observe",
    "r": "response",
}

Shower = Callable[[Any], Cell]

DEFAULT: dict[type[Any], str] = {
    TraceRow: "trace when input steps duration status tokens cost tools session",
    SessionRow: "session when input traces steps duration status tokens cost user",
    SpanRow: "span when step name content duration status tool model tokens",
    ToolRow: "tool calls errors traces p50 p95 p99 total last",
    ModelRow: "model calls errors p50 p95 tokens cost provider last",
    UserRow: "user traces failed sessions tokens cost tool_calls last",
    ServiceRow: "service traces spans errors p50 p95 tokens cost last",
}
"""What a terminal shows unless told otherwise."""


class View(NamedTuple):
    """What a list is seen with: the time, how many digits of an id tell the rows apart, and what
    labels a row has.
    """

    now: int
    digits: int = 8
    labels: Callable[[Any], Sequence[str]] = lambda row: ()


def short_length(ids: Sequence[str], least: int = 8) -> int:
    """Digits from the front that tell `ids` apart, at least `least`."""
    different = sorted(set(ids))
    longest = least
    for one, two in pairwise(different):
        same = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
        longest = max(longest, same + 1)
    return longest


def columns_of(names: Sequence[str], view: View) -> list[Column]:
    """The columns of these names; any field of the row is one, besides those with a short name."""
    return [
        _VIEWED[name](view) if name in _VIEWED else _NAMED.get(name) or _plain(name)
        for name in names
    ]


def _field(field: str, form: Callable[[Any], str] = str, style: str = "") -> Shower:
    """Shows a field of the row, `-` where it is not known."""

    def show(row: Any) -> Cell:
        held = getattr(row, field)
        return Cell("-", "dim") if held is None else Cell(form(held), style)

    return show


def _plain(name: str) -> Column:
    field = SHORT.get(name, name)
    form = next((form for end, form in _FORMS.items() if field.endswith(end)), _one_line)
    return Column(name, _field(field, form), field.endswith(_NUMBERS), least=6, most=60)


def _one_line(held: Any) -> str:
    return first_line(", ".join(held) if isinstance(held, list) else str(held))  # pyright: ignore[reportUnknownArgumentType]


def _moment(nanos: int) -> str:
    return f"{moment(nanos):%Y-%m-%d %H:%M:%S}"


_FORMS: dict[str, Callable[[Any], str]] = {
    "_time": _moment,
    "_ms": fmt.duration,
    "_usd": fmt.cost,
    "_tokens": fmt.count,
    "_count": fmt.count,
    "_calls": fmt.count,
}
_NUMBERS = ("_ms", "_usd", "_tokens", "_count", "_calls")


def _when(view: View) -> Column:
    show = _field("start_time", lambda nanos: ago(nanos, view.now))
    return Column("when", show, True, least=10, rank=0)


def _trace(view: View) -> Column:
    show = _field("trace_id", lambda trace_id: trace_id[: view.digits], "cyan")
    return Column("trace", show, least=32, rank=0)


def _input(row: Any) -> Cell:
    return Cell(first_line(row.input or getattr(row, "name", "")))


def _steps(row: Any) -> Cell:
    letters: str | None = getattr(row, "step_strip", None)
    if letters is None:
        return Cell(fmt.count(row.step_count))
    marks = "".join(GLYPH[_STEPS[letter]] if letter in _STEPS else FAILED for letter in letters)
    return Cell(marks, "red" if FAILED in marks else "")


def _status(row: Any) -> Cell:
    return status_cell(row.state, row.status)


def status_cell(state: str, status: str) -> Cell:
    """How something ended, as a sign and a word."""
    if state == "open":
        return Cell(f"{RUNNING} running", "yellow")
    if state == "interrupted":
        return Cell(f"{INTERRUPTED} interrupted", "yellow")
    return Cell(f"{FAILED} error", "red") if status == "error" else Cell("✔ ok", "green")


def _tokens(row: Any) -> Cell:
    return Cell(fmt.count(total_tokens(row)))


def _tools(row: Any) -> Cell:
    return Cell(", ".join(row.tools) or "-")


def _step(row: Any) -> Cell:
    return Cell(f"{GLYPH[row.step_type]} {row.step_type}")


def _content(row: Any) -> Cell:
    told = first_line(value(row, "content") or "")
    return Cell(told, "red" if row.status == "error" else "")


def _labels(view: View) -> Column:
    def show(row: Any) -> Cell:
        return Cell(", ".join(view.labels(row)))

    return Column("labels", show, least=8, most=40, rank=3)


def _since(name: str) -> Callable[[View], Column]:
    def column(view: View) -> Column:
        show = _field(SHORT[name], lambda nanos: ago(nanos, view.now))
        return Column(name, show, True, least=10, rank=3)

    return column


_VIEWED: dict[str, Callable[[View], Column]] = {
    "when": _when,
    "trace": _trace,
    "first": _since("first"),
    "last": _since("last"),
    "labels": _labels,
}
_FIXED = (
    Column("span", _field("span_id", style="cyan"), least=16, rank=0),
    Column("session", _field("session_id"), least=8, most=36, rank=6),
    Column("user", _field("user_id"), most=20, rank=6),
    Column("input", _input, least=18, most=80, rank=0),
    Column("steps", _steps, least=8, most=32, rank=2),
    Column("step", _step, least=12, rank=1),
    Column("name", _field("name", first_line), least=8, rank=3),
    Column("content", _content, least=16, most=80, rank=2),
    Column("traces", _field("trace_count", fmt.count), True, rank=2),
    Column("duration", _field("duration_ms", fmt.duration), True, rank=1),
    Column("status", _status, least=13, rank=0),
    Column("tokens", _tokens, True, rank=3),
    Column("cost", _field("cost_usd", fmt.cost), True, rank=4),
    Column("tools", _tools, least=8, rank=5),
    Column("tool", _field("tool_name"), least=6, most=24, rank=4),
    Column("model", _field("model"), least=6, most=24, rank=5),
)
_NAMED = {column.name: column for column in _FIXED}
