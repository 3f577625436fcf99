"""How a finding of an analysis looks in a line. No Textual."""

from __future__ import annotations

from jollyscope.analysis.finding import Finding, Severity
from jollyscope.analysis.report import Found
from jollyscope.model.format import cost, duration
from jollyscope_tui.widgets.cells import Paint, fit, fit_right, wrap

__all__ = ["finding_row", "finding_text", "saving"]

_SIGNS: dict[Severity, tuple[str, str]] = {
    "high": ("▲", "error"), "medium": ("△", "warning"), "low": ("·", "text"), "info": ("i", "muted"),
}  # fmt: skip
_SAVES, _NAME = 8, 11


def saving(finding: Finding) -> str:
    """What it would save, the time where that is known: `4.02s`, `$0.21`; empty where neither is."""
    if finding.saves_ms:
        return duration(finding.saves_ms)
    return cost(finding.saves_usd) if finding.saves_usd else ""


def finding_row(found: Found, width: int, *, here: bool) -> Paint:
    """One line: how grave, what it saves, from which analysis, and as much of the sentence as fits."""
    sign, style = _SIGNS[found.finding.severity]
    name = _NAME if width >= 60 else 0
    rest = max(0, width - 2 - _SAVES - 2 - (name + 1 if name else 0))
    paint: Paint = [("▌" if here else " ", "strong"), (sign, style)]
    paint.append((" " + fit_right(saving(found.finding), _SAVES), "text"))
    if name:
        paint.append((" " + fit(found.analysis.name, name), "muted"))
    return [*paint, (" " + fit(found.finding.what, rest), "text")]


def finding_text(found: Found, width: int) -> list[Paint]:
    """The whole sentence, and what it would save, in lines of at most `width` cells."""
    finding = found.finding
    known = ((finding.saves_ms, duration), (finding.saves_usd, cost))
    saves = " and ".join(form(value) for value, form in known if value)
    said = f"{found.analysis.title} · at most {saves} less" if saves else found.analysis.title
    lines: list[Paint] = [[(part, "text")] for part in wrap(finding.what, width)]
    return [*lines, *([(part, "muted")] for part in wrap(said, width))]
