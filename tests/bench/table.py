"""How every benchmark reports: one row a figure, with its peer, the ratio and the aim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["DATA", "PROFILES", "Row", "keep", "print_rows", "row"]

DATA = Path(__file__).parents[2] / "bench-data"
PROFILES = DATA / "profiles"

Row = dict[str, Any]

_PRINTED: list[tuple[str, list[Row]]] = []
"""What this process has printed so far, for the table of all."""


def row(
    what: str, value: float, unit: str, *, peer: str = "", peer_value: float | None = None,
    aim: str = "", met: bool | None = None,
) -> Row:  # fmt: skip
    """A figure. `ratio` is value over the peer's value."""
    ratio = value / peer_value if peer_value else None
    return {
        "what": what, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value,
        "ratio": ratio, "aim": aim, "met": met,
    }  # fmt: skip


def print_rows(title: str, rows: list[Row]) -> None:
    """The rows as an aligned table on stdout."""
    _PRINTED.append((title, rows))
    print("\n".join(["", title, *map(_line, rows)]), flush=True)


def keep() -> None:
    """Print what was printed as one table, where there was more than one, and keep it in `bench-data/`."""
    head = f"  {'':<52} {'figure':>12} {'':<9} {'ratio':<9} {'peer':<44} {'aim':<12}"
    lines = [head]
    for title, rows in _PRINTED:
        lines += ["", title, *map(_line, rows)]
    rows = [r for _, some in _PRINTED for r in some]
    met = sum(r.get("met") is True for r in rows)
    missed = sum(r.get("met") is False for r in rows)
    lines += ["", f"{len(rows)} figures, {met} aims met, {missed} not."]
    text = "\n".join(line.rstrip() for line in lines)
    if len(_PRINTED) > 1:
        print(f"\n\n{text}")
    DATA.mkdir(exist_ok=True)
    (DATA / "report.txt").write_text(f"{text}\n", "utf-8")
    told = [{"title": title, "rows": some} for title, some in _PRINTED]
    (DATA / "report.json").write_text(json.dumps(told, indent=1), "utf-8")
    print(f"\nKept in {DATA.name}/report.txt and report.json.")


def _line(r: Row) -> str:
    ratio = f"{r['ratio']:.3f} x" if r.get("ratio") else ""
    peer = f"{r['peer']} {r['peer_value']:,.4g}" if r.get("peer_value") else r.get("peer", "")
    met = {True: "met", False: "NOT MET", None: ""}[r.get("met")]
    figure = f"{r['value']:>12,.4g} {r['unit']:<9} {ratio:<9}"
    return f"  {r['what']:<52} {figure} {peer:<44} {r['aim']:<12} {met}".rstrip()
